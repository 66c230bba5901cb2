"""Points on faces: the face mesh and the eye contours that `mien models add face` converts from a user's wheel.

468 points of a face (Kartynnik et al. 2019, arXiv:1907.06724), then 71 about each eye (Ablavatski et al. 2020,
arXiv:2006.11341), for the mesh alone does not see eyes close. Both networks read the crops that were kept while faces
were followed, one face at a time; a face that is rolled is read a second time, upright.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.analysis.moments.crops import SIDE
from mien.analysis.network import Network
from mien.errors import InputError

Array = NDArray[np.float64]

EYES = ((33, 133), (263, 362))
"""Outer and inner corner in the mesh of the eye that is left in the picture, then of the right one."""
_FACE, _EYE = 192, 64
_WHOLE = 60.0  # the mesh wants one and a half times the face's box: the middle 60 of a crop's 64 pixels
_WIDER = 2.3
_STRAIGHT = 0.12  # radians


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points of n faces, in pixels of their 64 x 64 crops: x to the right, y down, z away from the camera.

    mesh (n, 468, 3); eyes (n, 2, 71, 2), the eye left in the picture first, each contour from its outer corner along
    the lower lid; sure (n,) in [0, 1], that there is a face at all.
    """

    mesh: Array
    eyes: Array
    sure: Array


class Landmarks:
    """Both networks; InputError where a file is not the one that is meant."""

    def __init__(self, mesh: Path, eyes: Path) -> None:
        self._mesh = _Net(mesh, _FACE, 1404)
        self._eyes = _Net(eyes, _EYE, 213)

    def find(self, crops: NDArray[np.uint8]) -> Points:
        """Points of faces (n, 64, 64) uint8 grey, cut out as `FaceCrops` are."""
        found = [self._one(crop) for crop in crops]
        mesh = np.array([one[0] for one in found], np.float64).reshape(-1, 468, 3)
        eyes = np.array([one[1] for one in found], np.float64).reshape(-1, 2, 71, 2)
        return Points(mesh, eyes, np.array([one[2] for one in found], np.float64))

    def _one(self, crop: NDArray[np.uint8]) -> tuple[Array, list[Array], float]:
        mesh, sure = self._face(crop, 0.0)
        roll = _roll(mesh)
        if abs(roll) > _STRAIGHT:  # the network was made for upright faces
            mesh, sure = self._face(crop, roll)
            roll = _roll(mesh)
        corners = mesh[np.array(EYES), :2]
        eyes = [self._eye(crop, ends, roll, mirrored) for ends, mirrored in zip(corners, (False, True), strict=True)]
        return mesh, eyes, sure

    def _face(self, crop: NDArray[np.uint8], roll: float) -> tuple[Array, float]:
        """The mesh (468, 3), and how surely there is a face."""
        seen = _View(np.array([SIDE / 2, SIDE / 2]), _WHOLE / _FACE, roll, _FACE)
        points, sure = self._mesh.points(seen.of(crop))
        mesh = points.reshape(468, 3)
        mesh = np.concatenate([seen.back(mesh[:, :2]), mesh[:, 2:] * seen.step], axis=1)
        return mesh, 1.0 / (1.0 + float(np.exp(-np.clip(sure, -50, 50))))

    def _eye(self, crop: NDArray[np.uint8], ends: Array, roll: float, mirrored: bool) -> Array:
        """Points (71, 2) about an eye: seen upright, the right one mirrored, as the network wants it."""
        across = max(float(np.hypot(*(ends[1] - ends[0]))), 1.0)
        seen = _View(ends.mean(axis=0), across * _WIDER / _EYE, roll, _EYE)
        grey = seen.of(crop)
        points = self._eyes.points(grey[:, ::-1] if mirrored else grey)[0].reshape(71, 3)[:, :2]
        if mirrored:
            points[:, 0] = _EYE - points[:, 0]
        return seen.back(points)


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """A square of `side` pixels about a place in a crop, each `step` of its pixels wide, turned by `roll` radians."""

    centre: Array
    step: float
    roll: float
    side: int

    def of(self, crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """What is seen there; black outside the crop."""
        from PIL import Image

        turn, start = self._turn(), self.back(np.zeros((1, 2)))[0]
        numbers = (turn[0, 0], turn[0, 1], start[0], turn[1, 0], turn[1, 1], start[1])
        picture = Image.fromarray(np.ascontiguousarray(crop))
        size = (self.side, self.side)
        return np.asarray(picture.transform(size, Image.Transform.AFFINE, numbers, Image.Resampling.BILINEAR))

    def back(self, points: Array) -> Array:
        """Points (n, 2) of the view in the crop."""
        return np.asarray((points - self.side / 2) @ self._turn().T + self.centre)

    def _turn(self) -> Array:
        return self.step * np.array([[np.cos(self.roll), -np.sin(self.roll)], [np.sin(self.roll), np.cos(self.roll)]])


def _roll(mesh: Array) -> float:
    """Radians by which the line of the eyes is turned in the picture."""
    left, right = (mesh[list(corners), :2].mean(axis=0) for corners in EYES)
    return float(np.arctan2(right[1] - left[1], right[0] - left[0]))


class _Net:
    """One converted network: a grey square in, points in its pixels and a last number out."""

    def __init__(self, path: Path, side: int, wanted: int) -> None:
        self._side, self._wanted = side, wanted
        try:
            self._network = Network(path.read_bytes())
            found = self._run(np.zeros((side, side), np.uint8))
        except Exception as error:  # ONNX Runtime has an error type of its own for each fault
            why = f"is no network of face points ({type(error).__name__}); mien models add face converts it again"
            raise InputError(path, "", why) from None
        if wanted not in {values.size for values in found}:
            raise InputError(path, "", f"does not give {wanted} numbers; mien models add face converts it again")

    def points(self, grey: NDArray[np.uint8]) -> tuple[Array, float]:
        """The points as float64, and the network's other answer's first number."""
        found = self._run(grey)
        points = next(values for values in found if values.size == self._wanted)
        other = next(values for values in found if values.size != self._wanted)
        return points.ravel().astype(np.float64), float(other.ravel()[0])

    def _run(self, grey: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        plane = grey.astype(np.float32) / np.float32(255)
        colours = np.ascontiguousarray(np.broadcast_to(plane, (1, 3, self._side, self._side)))
        return list(self._network.run(input_1=colours).values())
