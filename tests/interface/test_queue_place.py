"""Where a person stands in a list: every move keeps the cursor in sight and the thumb on its bar."""

from hypothesis import given
from hypothesis import strategies as st

from widgets.queue_place import Place

places = st.builds(
    lambda count, page, cursor: Place(0, 0, count, page).at(cursor),
    st.integers(1, 1_000_000),
    st.integers(1, 60),
    st.integers(0, 1_000_000),
)


@given(places, st.integers(-100, 1_000_100))
def test_every_move_ends_on_a_row_in_sight(place: Place, index: int) -> None:
    moved = place.at(index)
    assert moved.cursor == max(0, min(index, place.count - 1))
    assert moved.cursor in moved.in_sight
    assert len(moved.in_sight) == min(place.page, place.count)


@given(places)
def test_a_row_in_sight_is_reached_without_scrolling(place: Place) -> None:
    assert all(place.at(index).top == place.top for index in place.in_sight)


@given(places, st.integers(-50, 50), st.integers(-50, 50))
def test_a_changed_list_leaves_the_row_under_the_cursor_on_its_line(
    place: Place, before: int, after: int
) -> None:
    cursor = max(place.cursor + before, 0)
    count = cursor + 1 + max(place.count - place.cursor - 1 + after, 0)
    changed = place.relisted(count, cursor)
    assert changed.cursor == cursor
    line, bottom = place.cursor - place.top, max(count - place.page, 0)
    assert changed.top == max(0, min(cursor - line, bottom))


@given(places, st.integers(0, 1_000_000))
def test_the_thumb_touches_an_end_only_where_the_list_ends(place: Place, top: int) -> None:
    place = place.scrolled(top)
    thumb = place.thumb()
    if place.count <= place.page or place.page < 3:
        assert not thumb
        return
    assert (thumb.start == 0) == (place.top == 0)
    assert (thumb.stop == place.page) == (place.top == place.count - place.page)


@given(places, st.integers(-5, 70))
def test_drawing_the_thumb_reaches_both_ends(place: Place, cell: int) -> None:
    assert place.top_for_thumb(-5) == 0
    assert place.scrolled(place.top_for_thumb(70)).top == max(place.count - place.page, 0)
    assert 0 <= place.top_for_thumb(cell) <= max(place.count - place.page, 0)
