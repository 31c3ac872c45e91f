"""Whether XGBoost can load a model file and walk its trees: what it does not check itself ends the process.

A child or a category out of range is read from memory that is not the model's. Lambda would start the
function again with the same model, and again; so every index is checked before XGBoost sees the bytes.
"""

import sys
from array import array
from collections.abc import Iterator
from itertools import accumulate, compress
from operator import lt
from typing import Any, NamedTuple

from ubjson import TypedArray, UBJSONError, loads

_PER_NODE = {
    **dict.fromkeys(("base_weights", "loss_changes", "split_conditions", "sum_hessian"), "d"),
    **dict.fromkeys(("left_children", "right_children", "parents", "split_indices"), "l"),
    **dict.fromkeys(("default_left", "split_type"), "U"),
}
_PER_CATEGORICAL_NODE = {"categories_nodes": "l", "categories_segments": "L", "categories_sizes": "L"}
_TREE = {*_PER_NODE, *_PER_CATEGORICAL_NODE, "categories", "id", "tree_param"}
_CODES = {"l": "i", "L": "q"}  # array's type codes

_NO_PARENT = 2**31 - 1


class ModelFileError(ValueError):
    """The model file is damaged, or not of the kind that training publishes."""


class Features(NamedTuple):
    """What a model file says of its columns, in order; a type is `c` for categorical or `q`."""

    names: list[str]
    types: list[str]


def read_features(content: bytes) -> Features:
    """The features of a model in UBJSON, once everything in it that XGBoost follows has been checked.

    Raises:
        ModelFileError: it is damaged, or not gradient-boosted trees of one output.
    """
    try:
        document = loads(content)
        learner = document["learner"]
        features = Features(learner["feature_names"], learner["feature_types"])
        _check_document(document, features)
        for number, tree in enumerate(learner["gradient_booster"]["model"]["trees"]):
            _Tree(content, tree, number).check(len(features.types))
    except UBJSONError as error:
        raise ModelFileError(str(error)) from None
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelFileError(f"the model file is damaged: {error!r}") from None
    return features


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise ModelFileError(
            f"the model file is damaged, or of a kind that this function cannot serve: {what}"
        )


def _check_document(document: dict[str, Any], features: Features) -> None:
    """All but the trees: one output, boosted trees, and no categories of the model's own."""
    learner, version = document["learner"], document["version"]
    booster, parameters = learner["gradient_booster"], learner["learner_model_param"]
    model = booster["model"]
    columns, trees = len(features.types), len(model["trees"])
    _require(len(version) == 3 and all(type(part) is int for part in version), "version")
    _require(all(type(text) is str for text in _texts(learner)), "a parameter")
    _require({"c", "q"}.issuperset(features.types) and len(features.names) == columns, "features")
    _require(parameters["num_feature"] == str(columns), "num_feature")
    _require((parameters["num_class"], parameters["num_target"]) == ("0", "1"), "num_target")
    _require(booster["name"] == "gbtree", "gradient_booster")
    _require(model["gbtree_model_param"] == {"num_parallel_tree": "1", "num_trees": str(trees)}, "num_trees")
    _require(model["iteration_indptr"] == list(range(trees + 1)), "iteration_indptr")
    _require(model["tree_info"] == [0] * trees, "tree_info")
    encoder = [part.length if type(part) is TypedArray else len(part) for part in model["cats"].values()]
    _require(encoder == [0, 0, 0], "cats")


def _texts(learner: dict[str, Any]) -> Iterator[Any]:
    yield from (*learner["feature_names"], *learner["feature_types"])
    objective = dict(learner["objective"])
    yield objective.pop("name")
    for part in (learner["attributes"], learner["learner_model_param"], *objective.values()):
        yield from part.values()


class _Tree:
    def __init__(self, content: bytes, tree: dict[str, Any], number: int) -> None:
        self._content = content
        self._tree = tree
        self._name = f"tree {number}"
        _require(tree.keys() == _TREE and tree["id"] == number, self._name)

    def check(self, columns: int) -> None:
        """Every walk ends in a leaf of this tree, and looks at columns that there are."""
        nodes = self._tree["left_children"].length
        parameters = {"num_deleted": "0", "num_feature": str(columns), "num_nodes": str(nodes)}
        _require(self._tree["tree_param"] == {**parameters, "size_leaf_vector": "1"}, self._name)
        for name, kind in _PER_NODE.items():
            _require(self._tree[name][:2] == (kind, nodes), f"{name} of {self._name}")
        self._check_links(nodes)
        _require(set(self._numbers("split_indices")) <= set(range(columns)), f"split_indices of {self._name}")
        self._check_categories(nodes)

    def _check_links(self, nodes: int) -> None:
        """Each node but the first is the child of one node that stands before it."""
        left, right, parents = map(self._numbers, ("left_children", "right_children", "parents"))
        pairs = range(1, nodes, 2)  # a node's children follow each other
        above = parents[1::2]
        sound = (
            nodes > 0
            and parents[0] == _NO_PARENT
            and above == parents[2::2]
            and min(above, default=0) >= 0
            and all(map(lt, above, pairs))
            and list(map(left.__getitem__, above)) == list(pairs)
            and list(map(right.__getitem__, above)) == [child + 1 for child in pairs]
            and left.count(-1) == right.count(-1) == nodes // 2 + 1
        )
        _require(sound, f"children of {self._name}")

    def _check_categories(self, nodes: int) -> None:
        """The sets of categories follow each other without a gap, one for each node that splits by one."""
        for name, kind in _PER_CATEGORICAL_NODE.items():
            _require(self._tree[name].type == kind, f"{name} of {self._name}")
        splits, sizes = self._bytes("split_type"), self._numbers("categories_sizes")
        _require(not splits.translate(None, b"\0\1"), f"split_type of {self._name}")
        _require(
            list(self._numbers("categories_nodes")) == list(compress(range(nodes), splits)),
            f"categories_nodes of {self._name}",
        )
        kind, count, start, end = self._tree["categories"]
        starts = [0, *accumulate(sizes)]
        _require(min(sizes, default=1) > 0 and kind == "l", f"categories of {self._name}")
        _require(
            [*self._numbers("categories_segments"), count] == starts, f"categories_segments of {self._name}"
        )
        # Big-endian int32: with two empty upper bytes all are from 0 to 65,535, and no set takes much memory.
        empty = bytes(count)
        high = self._content[start:end:4] == empty and self._content[start + 1 : end : 4] == empty
        _require(high, f"categories of {self._name}")

    def _bytes(self, name: str) -> bytes:
        values: TypedArray = self._tree[name]
        return self._content[values.start : values.end]

    def _numbers(self, name: str) -> "array[int]":
        numbers = array(_CODES[self._tree[name].type], self._bytes(name))
        if sys.byteorder == "little":
            numbers.byteswap()
        return numbers
