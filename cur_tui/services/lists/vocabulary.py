"""The words of the query language in one region: its blocks, topics, bodies, places and colleagues."""

from collections.abc import Iterable

from cur_tui.domain.query.query import Field
from cur_tui.domain.query.vocabulary import Vocabulary, Word
from cur_tui.domain.query.words import default_vocabulary
from cur_tui.domain.vocabulary import GENERAL_BLOCK
from cur_tui.services.front_page import FrontPage


def vocabulary_of(front: FrontPage) -> Vocabulary:
    """The default words with the region's own; a block keeps its usual short spellings beside its name."""
    usual = default_vocabulary()
    blocks = usual.lexicon(Field.BLOCK)
    known = {word.code: word for word in blocks.words} if blocks else {}
    own, names = front.blocks, front.names

    def block_words() -> Iterable[Word]:
        for code in dict.fromkeys((*own, GENERAL_BLOCK)):
            name = own.get(code, "")
            word = known.get(code) or Word(code, code, name or code)
            yield Word(code, word.english, word.russian, (*word.aliases, name) if name else word.aliases)

    return (
        usual.with_words(Field.BLOCK, block_words())
        .with_words(Field.TOPIC, (Word(code, code, name) for code, name in names.topics.items()))
        .with_words(Field.AUTHORITY, (Word(code, code, name) for code, name in names.authorities.items()))
        .with_words(
            Field.MUNICIPALITY,
            (
                Word(code, code, name, front.aliases.get(code, ()))
                for code, name in names.municipalities.items()
            ),
        )
        .with_words(Field.ASSIGNEE, (Word(code, code, name) for code, name in names.colleagues.items()))
    )
