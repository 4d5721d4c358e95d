"""sessionzero: finds Windows Session 0 Isolation defects in service source code."""

__version__ = "0.1.0"
HOMEPAGE = "https://github.com/sessionzero/sessionzero"
SITE = "https://sessionzero.github.io/sessionzero/"  # where .github/workflows/site.yml publishes
