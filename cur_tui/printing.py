"""What the command lines print: no text reaches the terminal raw, whatever file or server it came from."""


def printable_json(document: str) -> str:
    """JSON text of the same meaning whose every character may be shown on a terminal.

    The format itself escapes only what lies below U+0020: not the second generation of controls, and nothing
    that turns the direction of reading.
    """
    if document.replace("\n", "").isprintable():
        return document
    import json  # only here: few documents hold such a character

    # Outside of its strings a document holds printable characters and line ends only.
    return "".join(
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1]
        for character in document
    )


def json_line(document: object) -> str:
    """``document`` as one line of JSON for standard output."""
    import json

    return printable_json(json.dumps(document, ensure_ascii=False)) + "\n"


def printable(words: str) -> str:
    """Lines for people, without anything that a terminal would act on."""
    if words.replace("\n", "").isprintable():
        return words
    from cur_tui.domain.texts.text import neutralise  # most of what is said needs no look at each character

    return neutralise(words)
