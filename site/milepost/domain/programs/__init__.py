"""Programs: a module for each kind (L1, S2). A new kind is a new module with its `KIND`."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from milepost.domain.programs.kind import Measure, ProgramKind

_modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
_kinds = [module.KIND for module in _modules if hasattr(module, "KIND")]
KINDS: Mapping[str, ProgramKind] = {
    kind.key: kind for kind in sorted(_kinds, key=lambda kind: (kind.position, kind.key))
}
MEASURES: Mapping[str, Measure] = {
    measure.key: measure for kind in KINDS.values() for measure in kind.measures
}


def measure_of(fact: str, sums: str) -> Measure:
    """The measure that a milestone's row tells. Raises LookupError for one that nobody made."""
    return next(m for m in MEASURES.values() if (m.fact, m.sums) == (fact, sums))


__all__ = ["KINDS", "MEASURES", "Measure", "ProgramKind", "measure_of"]
