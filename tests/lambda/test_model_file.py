"""A small model written by hand is accepted, and refused after any one change that XGBoost would follow."""

import copy
import struct
from typing import Any, NamedTuple

import pytest

from model_file import Features, ModelFileError, read_features

NO_PARENT = 2**31 - 1
FORMATS = {"d": "f", "D": "d", "l": "i", "L": "q", "U": "B"}


class Typed(NamedTuple):
    """An array of one of UBJSON's types."""

    type: str
    values: list[Any]


def ubjson(value: Any) -> bytes:
    """As XGBoost writes it."""
    match value:
        case Typed():
            form = f">{len(value.values)}{FORMATS[value.type]}"
            return (
                b"[$" + value.type.encode() + b"#" + length(value.values) + struct.pack(form, *value.values)
            )
        case dict():
            return b"{" + b"".join(text(name) + ubjson(part) for name, part in value.items()) + b"}"
        case list():
            return b"[#" + length(value) + b"".join(map(ubjson, value))
        case str():
            return b"S" + text(value)
    return struct.pack(">cq", b"L", value)


def length(value: Any) -> bytes:
    return struct.pack(">cq", b"L", len(value))


def text(value: str) -> bytes:
    return length(value.encode()) + value.encode()


TREE: dict[str, Any] = {
    **{name: Typed("d", [0.5] * 5) for name in ("base_weights", "loss_changes", "split_conditions")},
    "sum_hessian": Typed("d", [1.0] * 5),
    "left_children": Typed("l", [1, 3, -1, -1, -1]),
    "right_children": Typed("l", [2, 4, -1, -1, -1]),
    "parents": Typed("l", [NO_PARENT, 0, 0, 1, 1]),
    "split_indices": Typed("l", [0, 1, 0, 0, 0]),
    "default_left": Typed("U", [0, 1, 0, 0, 0]),
    "split_type": Typed("U", [1, 0, 0, 0, 0]),
    "categories_nodes": Typed("l", [0]),
    "categories_segments": Typed("L", [0]),
    "categories_sizes": Typed("L", [5]),
    "categories": Typed("l", [0, 1, 255, 256, 65535]),
    "id": 0,
    "tree_param": {"num_deleted": "0", "num_feature": "2", "num_nodes": "5", "size_leaf_vector": "1"},
}
MODEL: dict[str, Any] = {
    "learner": {
        "attributes": {"note": "x"},
        "feature_names": ["zone", "miles"],
        "feature_types": ["c", "q"],
        "gradient_booster": {
            "model": {
                "cats": {"enc": [], "feature_segments": Typed("l", []), "sorted_idx": Typed("l", [])},
                "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": "2"},
                "iteration_indptr": [0, 1, 2],
                "tree_info": [0, 0],
                "trees": [TREE, {**copy.deepcopy(TREE), "id": 1}],
            },
            "name": "gbtree",
        },
        "learner_model_param": {
            "base_score": "5E-1",
            "num_class": "0",
            "num_feature": "2",
            "num_target": "1",
        },
        "objective": {"name": "reg:squarederror", "reg_loss_param": {"scale_pos_weight": "1"}},
    },
    "version": [3, 2, 0],
}
BOOSTER = "learner gradient_booster model"


def changed(path: str, value: Any) -> bytes:
    """The model with another value at a path of keys; one that begins with a dot is the second tree's."""
    model = copy.deepcopy(MODEL)
    part: Any = model
    if path.startswith("."):
        part = model["learner"]["gradient_booster"]["model"]["trees"][1]
    *keys, last = path.removeprefix(".").split()
    for key in keys:
        part = part[key]
    part[last] = value
    return ubjson(model)


def with_tree(**parts: Any) -> bytes:
    """The model with several other parts in its second tree."""
    model = copy.deepcopy(MODEL)
    model["learner"]["gradient_booster"]["model"]["trees"][1] |= parts
    return ubjson(model)


def leaf() -> dict[str, Any]:
    """A tree that is one leaf."""
    one = {name: Typed(part.type, part.values[:1]) for name, part in TREE.items() if type(part) is Typed}
    none = {name: Typed(TREE[name].type, []) for name in TREE if name.startswith("categories")}
    children = {"left_children": Typed("l", [-1]), "right_children": Typed("l", [-1])}
    parameters = {**TREE["tree_param"], "num_nodes": "1"}
    return {**one, **none, **children, "split_type": Typed("U", [0]), "tree_param": parameters}


def sets(*sizes: int) -> dict[str, Any]:
    """The parts of a tree whose first node splits by a set of so many categories."""
    return {
        "categories_sizes": Typed("L", list(sizes)),
        "categories": Typed("l", list(range(sum(sizes)))),
    }


@pytest.mark.parametrize(
    "model",
    [ubjson(MODEL), with_tree(**leaf()), with_tree(**sets(1)), changed("learner attributes", {})],
    ids=["two splits", "a leaf", "one category", "no attributes"],
)
def test_accepts(model: bytes) -> None:
    assert read_features(model) == Features(["zone", "miles"], ["c", "q"])


DOCUMENT = [
    ("version", [3, 2], "version"),
    ("version", [3, 2, 0, 0], "version"),
    ("version", [3, 2, "0"], "version"),
    ("learner attributes", {"note": 1}, "a parameter"),
    ("learner feature_names", ["zone", 1], "a parameter"),
    ("learner objective name", 1, "a parameter"),
    ("learner objective reg_loss_param scale_pos_weight", 1, "a parameter"),
    ("learner learner_model_param base_score", 1, "a parameter"),
    ("learner feature_types", ["c", "i"], "features"),
    ("learner feature_names", ["zone"], "features"),
    ("learner learner_model_param num_feature", "3", "num_feature"),
    ("learner learner_model_param num_class", "2", "num_target"),
    ("learner learner_model_param num_target", "2", "num_target"),
    ("learner gradient_booster name", "dart", "gradient_booster"),
    (f"{BOOSTER} gbtree_model_param num_parallel_tree", "2", "num_trees"),
    (f"{BOOSTER} gbtree_model_param num_trees", "3", "num_trees"),
    (f"{BOOSTER} gbtree_model_param more", "3", "num_trees"),
    (f"{BOOSTER} iteration_indptr", [0, 2], "iteration_indptr"),
    (f"{BOOSTER} tree_info", [0, 1], "tree_info"),
    (f"{BOOSTER} cats enc", [1], "cats"),
    (f"{BOOSTER} cats feature_segments", Typed("l", [0]), "cats"),
    (f"{BOOSTER} cats sorted_idx", Typed("l", [0]), "cats"),
]
SECOND_TREE = [
    (".more", 1, "tree 1"),
    (".id", 0, "tree 1"),
    *((f".tree_param {name}", "9", "tree 1") for name in TREE["tree_param"]),
    (".parents", Typed("l", [0, 0, 0, 1, 1]), "children of tree 1"),
    (".parents", Typed("l", [NO_PARENT, 0, 0, 1, 0]), "children of tree 1"),
    (".parents", Typed("l", [NO_PARENT, 0, 0, 0, 1]), "children of tree 1"),
    (".parents", Typed("l", [NO_PARENT, -5, -5, 1, 1]), "children of tree 1"),
    (".parents", Typed("l", [NO_PARENT, 0, 0, 3, 3]), "children of tree 1"),
    (".left_children", Typed("l", [1, 2, -1, -1, -1]), "children of tree 1"),
    (".left_children", Typed("l", [1, 3, -1, -1, 0]), "children of tree 1"),
    (".right_children", Typed("l", [2, 2, -1, -1, -1]), "children of tree 1"),
    (".right_children", Typed("l", [2, 4, -1, 0, -1]), "children of tree 1"),
    (".split_indices", Typed("l", [0, 2, 0, 0, 0]), "split_indices of tree 1"),
    (".split_indices", Typed("l", [0, -1, 0, 0, 0]), "split_indices of tree 1"),
    (".split_type", Typed("U", [0x58, 0, 0, 0, 0]), "split_type of tree 1"),
    (".categories_nodes", Typed("l", [1]), "categories_nodes of tree 1"),
    (".categories_segments", Typed("L", [1]), "categories_segments of tree 1"),
    (".categories_sizes", Typed("L", [4]), "categories_segments of tree 1"),
    (".categories", Typed("L", [0, 1, 2, 3, 4]), "categories of tree 1"),
    (".categories", Typed("l", [0, 1, 2, 3, 1 << 16]), "categories of tree 1"),
    (".categories", Typed("l", [0, 1, 2, 3, 1 << 24]), "categories of tree 1"),
    (".categories", Typed("l", [0, 1, 2, 3, -1]), "categories of tree 1"),
    *(
        (f".{name}", Typed("L" if TREE[name].type == "l" else "l", TREE[name].values), f"{name} of tree 1")
        for name in ("categories_nodes", "categories_segments", "categories_sizes")
    ),
]
OTHER_ARRAYS = [  # those that have an element for each node
    (f".{name}", other, f"{name} of tree 1")
    for name in list(TREE)[:10]
    for other in (
        Typed({"d": "D", "l": "L", "U": "l"}[TREE[name].type], TREE[name].values),
        Typed(TREE[name].type, [*TREE[name].values, 0]),
    )
    if (name, len(other.values)) != ("left_children", 6)  # it says how many nodes there are
]


@pytest.mark.parametrize(
    ("path", "value", "what"), [*DOCUMENT, *SECOND_TREE, *OTHER_ARRAYS], ids=lambda found: str(found)[:30]
)
def test_refuses_one_change(path: str, value: Any, what: str) -> None:
    with pytest.raises(ModelFileError) as caught:
        read_features(changed(path, value))
    assert str(caught.value).endswith(f"of a kind that this function cannot serve: {what}")


def test_refuses_other_trees() -> None:
    """One without nodes, one with an empty set, one whose first node is not said to have a set."""
    parameters = {**TREE["tree_param"], "num_nodes": "0"}
    empty = {name: Typed(part.type, []) for name, part in TREE.items() if type(part) is Typed}
    no_set = {**sets(0), "categories_sizes": Typed("L", [0])}
    for parts in ({**empty, "tree_param": parameters}, no_set, {"split_type": Typed("U", [0] * 5)}):
        with pytest.raises(ModelFileError, match=r"tree 1$"):
            read_features(with_tree(**parts))


@pytest.mark.parametrize("path", ["learner", "version", "learner feature_names", ".parents", ".categories"])
def test_refuses_other_types(path: str) -> None:
    with pytest.raises(ModelFileError, match="the model file is damaged"):
        read_features(changed(path, 1))
