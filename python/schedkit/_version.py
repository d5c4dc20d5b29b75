"""The version, which the compiled core and the package share."""

from ._core import __version__

__all__ = ["__version__"]
