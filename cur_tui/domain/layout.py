"""The two keyboard layouts of a Russian desk: what the same keys give in the other one."""

_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>~"
_CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбюёЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ"
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)


def swap_layout(text: str) -> str:
    """Return what the keys of ``text`` give in the other layout: «,kjr» ↔ «блок», «идщсл» ↔ «block».

    The direction is that of the letters in it; characters outside both layouts stay.
    """
    cyrillic = any("А" <= char <= "я" or char in "Ёё" for char in text)
    return text.translate(_TO_LATIN if cyrillic else _TO_CYRILLIC)
