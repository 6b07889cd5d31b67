"""The site file, by families of sections: the name, addresses, lines, staff and rooms of the site."""

from models.site.site import Site

__all__ = ["Site"]
