"""Which names a cell uses and which it makes."""

import builtins
import symtable


def names(source: str) -> tuple[set[str], set[str]]:
    """The global names that this code uses without making them, and those that it makes. SyntaxError if it is none."""
    module = symtable.symtable(source, "cell", "exec")
    used, made = set(), set()

    def look(table: symtable.SymbolTable) -> None:
        for symbol in table.get_symbols():
            if table is module or symbol.is_global():
                if symbol.is_referenced():
                    used.add(symbol.get_name())
                if symbol.is_assigned() or symbol.is_imported():
                    made.add(symbol.get_name())
        for child in table.get_children():
            look(child)

    look(module)
    return used - made - set(dir(builtins)) - {"__file__", "__name__"}, made
