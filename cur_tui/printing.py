"""What the command lines print: no text reaches the terminal raw, whatever file or server it came from."""


def printable_json(document: str) -> str:
    """JSON text of the same meaning whose every character may be shown on a terminal.

    The format itself escapes only what lies below U+0020: not the second generation of controls, and nothing
    that turns the direction of reading.
    """
    # Outside of its strings a document holds printable characters and line ends only.
    return "\n".join(line if line.isprintable() else _escaped(line) for line in document.split("\n"))


def _escaped(line: str) -> str:
    return "".join(character if character.isprintable() else _escape(character) for character in line)


def _escape(character: str) -> str:
    """As JSON writes it: four hexadecimal digits for each of its one or two UTF-16 units."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


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
