"""Long texts: WeChat counts bytes of UTF-8 (45002 above about 2048; the number is not in the current documents)."""

MAX_TEXT_BYTES = 2000
_ELLIPSIS = "…"


def cut_text(text: str, limit_bytes: int = MAX_TEXT_BYTES) -> str:
    """The text if it fits, otherwise its beginning with `…`, never more than `limit_bytes` and never half a character."""
    content = text.encode()
    if len(content) <= limit_bytes:
        return text
    return content[: limit_bytes - len(_ELLIPSIS.encode())].decode("utf-8", "ignore") + _ELLIPSIS


def split_text(text: str, limit_bytes: int = MAX_TEXT_BYTES) -> list[str]:
    """The text in pieces of at most `limit_bytes`, parted after a line where one ends in the piece's second half."""
    pieces = []
    while len(text.encode()) > limit_bytes:
        piece = text.encode()[:limit_bytes].decode("utf-8", "ignore")
        line_end = piece.rfind("\n") + 1
        if line_end > len(piece) // 2:
            piece = piece[:line_end]
        pieces.append(piece)
        text = text[len(piece) :]
    # A piece of line ends alone would be refused as empty (44004).
    return [kept for piece in (*pieces, text) if (kept := piece.strip("\n"))]
