"""The likeness of two sounds: normalised cross-correlation in the telephone band, by FFT in blocks."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from phones.microphone import RATE, Samples

_BLOCK = 32768

Curve = NDArray[np.floating]
"""-1 to 1 for each place where a piece could begin."""


class PreparedRecording:
    """A recording prepared for comparison with many pieces of at most a second each."""

    def __init__(self, recording: Samples) -> None:
        self.samples = band(recording)
        self._step = _BLOCK - RATE
        blocks = max(1, -(-len(self.samples) // self._step))
        padded = np.pad(self.samples, (0, blocks * self._step + RATE - len(self.samples))).astype(np.float32)
        cut = np.lib.stride_tricks.sliding_window_view(padded, _BLOCK)[:: self._step]
        self._spectra = np.fft.rfft(cut, axis=1)
        self._energy = np.concatenate([[0.0], np.cumsum(self.samples**2)])

    def likeness(self, piece: Samples) -> Curve:
        """The likeness at each place where the piece fits. Raises ValueError for a piece longer than a second."""
        if len(piece) > RATE:
            raise ValueError(f"a piece of {len(piece) / RATE:g} s is too long: at most one second")
        places = len(self.samples) - len(piece) + 1
        if places <= 0:
            return np.zeros(0)
        spectrum = np.conj(np.fft.rfft(piece.astype(np.float32), _BLOCK))
        product = np.fft.irfft(self._spectra * spectrum, _BLOCK, axis=1)[:, : self._step].ravel()[:places]
        around = self._energy[len(piece) :] - self._energy[:places]
        return _normalised(product, around, piece)


def likeness(sound: Samples, piece: Samples) -> Curve:
    """The same in a short sound (already limited to the band) that is searched once."""
    places = len(sound) - len(piece) + 1
    if places <= 0:
        return np.zeros(0)
    size = _fast(len(sound))
    # Circular: wrapped values fall on places behind the last one, which are cut off.
    product = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(piece, size)), size)[:places]
    summed = np.concatenate([[0.0], np.cumsum(sound**2)])
    return _normalised(product, summed[len(piece) :] - summed[:places], piece)


def slipped(sound: Samples, piece: Samples, start: int, slip: int) -> float:
    """The likeness at `start` if, from the best place on, the rest of the piece comes `slip` samples later."""
    first, rest = sound[start : start + len(piece)], sound[start + slip : start + slip + len(piece)]

    def joined(before: Samples, behind: Samples) -> Samples:
        """The sum of `before` up to each place and of `behind` from there on."""
        up_to: Samples = np.cumsum(before) + behind.sum() - np.cumsum(behind)
        return up_to

    return float(_normalised(joined(first * piece, rest * piece), joined(first**2, rest**2), piece).max())


def peaks(curve: Curve, above: float, apart: int) -> list[int]:
    """The highest places above a limit, none closer to another than `apart`, from left to right."""
    left = np.where(curve > above, curve, 0.0)
    found = []
    while len(left) and left.max() > 0:
        place = int(left.argmax())
        found.append(place)
        left[max(0, place - apart) : place + apart + 1] = 0
    return sorted(found)


def alaw(raw: bytes) -> Samples:
    """Linear samples of raw A-law (ITU-T G.711)."""
    return _alaw_table()[np.frombuffer(raw, np.uint8)]


def band(samples: Samples) -> Samples:
    """Only what a telephone carries, 250 to 3400 Hz."""
    if len(samples) == 0:
        return samples
    size = _fast(len(samples))
    spectrum = np.fft.rfft(samples, size)
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    spectrum[(hertz < 250) | (hertz > 3400)] = 0
    return np.fft.irfft(spectrum, size)[: len(samples)]


def energy(samples: Samples) -> float:
    """The mean square."""
    return float((samples**2).mean())


def _normalised(product: Curve, around: Samples, piece: Samples) -> Curve:
    own = float((piece**2).sum())
    # The floor: near silence the quotient of two noises would be any number.
    return np.asarray(product / np.sqrt((around + 1e-4 * own + 1e-12) * (own + 1e-12)))


@cache
def _alaw_table() -> Samples:
    code = np.arange(256) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    size = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, size, -size) / 32768.0


@cache
def _fast(size: int) -> int:
    """The smallest length from `size` on that has no prime factor above 5: the FFT is quick there."""
    best = 1 << (size - 1).bit_length()
    fives = 1
    while fives < best:
        threes = fives
        while threes < best:
            twos = threes
            while twos < size:
                twos *= 2
            best = min(best, twos)
            threes *= 3
        fives *= 5
    return best
