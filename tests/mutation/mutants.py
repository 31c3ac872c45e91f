"""Small changes to a module, one at a time, as a person might get it wrong."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    **{
        ast.Lt: ast.LtE,
        ast.LtE: ast.Lt,
        ast.Gt: ast.GtE,
        ast.GtE: ast.Gt,
        ast.Eq: ast.NotEq,
        ast.NotEq: ast.Eq,
    },
    **{
        ast.In: ast.NotIn,
        ast.NotIn: ast.In,
        ast.Is: ast.IsNot,
        ast.IsNot: ast.Is,
        ast.And: ast.Or,
        ast.Or: ast.And,
    },
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult},
    **{ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd},
    **{
        ast.LShift: ast.RShift,
        ast.RShift: ast.LShift,
        ast.USub: ast.UAdd,
        ast.Continue: ast.Break,
        ast.Break: ast.Continue,
    },
}
Change = Callable[[ast.AST], None]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One change: `node` counts the nodes of `ast.walk`, `change` those that are possible there."""

    file: Path
    line: int
    code: str
    node: int
    change: int

    def compiled(self) -> CodeType:
        """The module with the change made."""
        tree = ast.parse(self.file.read_text())
        node = list(ast.walk(tree))[self.node]
        _changes(node)[self.change][1](node)
        return compile(ast.fix_missing_locations(tree), self.file, "exec")


def mutants(file: Path) -> Iterator[Mutant]:
    """Every change to a module.

    Left out is what no test should hold: annotations, decorators, docstrings, the words of errors and logs.
    """
    tree = ast.parse(file.read_text())
    skipped = {id(node) for part in _untested(tree) for node in ast.walk(part)}
    line = 0
    for number, node in enumerate(ast.walk(tree)):
        line = getattr(node, "lineno", line)
        if id(node) in skipped:
            continue
        for change, (name, make) in enumerate(_changes(node)):
            changed = ast.parse(file.read_text())
            found = list(ast.walk(changed))[number]
            before = ast.unparse(found)
            make(found)
            after = ast.unparse(found)
            if before == after:
                after = name
            yield Mutant(file=file, line=line, code=f"{before} -> {after}", node=number, change=change)


def _untested(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(annotation=annotation) | ast.arg(annotation=ast.expr() as annotation):
                yield annotation
            case ast.FunctionDef(returns=ast.expr() as returns):
                yield returns
                yield from node.decorator_list
            case ast.Expr(value=ast.Constant()) | ast.JoinedStr() | ast.Import() | ast.ImportFrom():
                yield node
            case ast.Raise(exc=ast.Call(args=arguments)):
                yield from (part for part in arguments if isinstance(part, ast.Constant | ast.BinOp))
            case ast.Call(func=ast.Name(id="log"), args=arguments):
                yield from arguments
            case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield node
            case (
                ast.Assign(value=ast.BinOp(op=ast.BitOr()))
                | ast.Assign(value=ast.Subscript(value=ast.Name(id="Literal")))
            ):
                yield node  # a type's alias
            case ast.ClassDef():
                yield from node.decorator_list  # mypy sees who writes to what is frozen


def _changes(node: ast.AST) -> list[tuple[str, Change]]:
    """The changes that can be made to a node in its place."""
    return _changes_of_operators(node) + _changes_of_values(node)


def _changes_of_operators(node: ast.AST) -> list[tuple[str, Change]]:
    match node:
        case ast.Compare(ops=operators):
            swapped = [place for place, each in enumerate(operators) if type(each) in _SWAPS]
            return [("swap", _swap_compared(place)) for place in swapped]
        case ast.UnaryOp(op=ast.Not()):
            return [("without not", _negate_operand)]
        case ast.BinOp() | ast.BoolOp() | ast.AugAssign() | ast.UnaryOp() if type(node.op) in _SWAPS:
            return [("swap", _swap)]
        case ast.Continue() | ast.Break():
            return [("another exit", lambda exit_: setattr(exit_, "__class__", _SWAPS[type(exit_)]))]
    return []


def _changes_of_values(node: ast.AST) -> list[tuple[str, Change]]:
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | bytes() as value):
            return [("another constant", _set("value", _other(value)))]
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            if isinstance(test, ast.Name | ast.Call | ast.Attribute | ast.NamedExpr):
                return [("not", _set("test", ast.UnaryOp(ast.Not(), test)))]
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            return [("return None", _set("value", ast.Constant(None)))]
        case ast.Expr(value=ast.Call()):
            return [("no call", _set("value", ast.Constant(None)))]
    return []


def _swap_compared(place: int) -> Change:
    def change(node: ast.AST) -> None:
        assert isinstance(node, ast.Compare)
        node.ops[place] = _SWAPS[type(node.ops[place])]()  # type: ignore[call-overload]  # a comparison's swap is one

    return change


def _swap(node: ast.AST) -> None:
    node.op = _SWAPS[type(node.op)]()  # type: ignore[attr-defined]  # all that come here have one


def _negate_operand(node: ast.AST) -> None:
    assert isinstance(node, ast.UnaryOp)
    node.operand = ast.UnaryOp(ast.Not(), node.operand)


def _set(field: str, value: object) -> Change:
    return lambda node: setattr(node, field, value)


def _other(value: bool | float | str | bytes) -> object:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return value + "XX"
        case bytes():
            return value + b"XX"
