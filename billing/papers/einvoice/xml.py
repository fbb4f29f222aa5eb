"""Small builder: elements appear in the order of the calls, and never empty. Pure."""

from __future__ import annotations

from lxml import etree


class Branch:
    """An element that can grow; `prefix` maps the short names of namespaces."""

    def __init__(self, element: etree._Element, spaces: dict[str, str]) -> None:
        self.element, self.spaces = element, spaces

    def _tag(self, name: str) -> str:
        prefix, _, local = name.rpartition(":")
        return f"{{{self.spaces[prefix]}}}{local}" if prefix else local

    def leaf(self, name: str, text: str, **attributes: str) -> None:
        """An element with text; nothing at all when there is no text."""
        if text:
            etree.SubElement(self.element, self._tag(name), attributes).text = text

    def branch(self, name: str) -> Branch:
        """An element for others; call only when it will get some."""
        return Branch(etree.SubElement(self.element, self._tag(name)), self.spaces)


def serialise(element: etree._Element, encoding: str) -> bytes:
    """The file; what the encoding lacks (an emoji in ISO-8859-15) becomes a numeric reference."""
    return bytes(
        etree.tostring(element, xml_declaration=True, encoding=encoding, pretty_print=True)
    )
