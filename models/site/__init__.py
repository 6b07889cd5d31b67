"""The site file, one file a section: who and where the site is."""

from models.site.site import Site

__all__ = ["Site"]
