// What augmentation does to one picture when it is known how much: pixels on [planes, height, width], row-major.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace dlc::data {

/// One example: its last two axes are height and width, those before them planes that move together.
template <class Real>
struct Pictures {
    std::span<Real> values;
    std::int64_t planes = 1, height = 1, width = 1;
    std::int64_t area() const { return height * width; }
};

/// Down and to the right by whole pixels; zeros come in at the border.
template <class Real>
void shift(Pictures<Real> to, std::span<const Real> from, std::int64_t down, std::int64_t right) {
    std::fill(to.values.begin(), to.values.end(), Real{0});
    const std::int64_t first = std::max<std::int64_t>(right, 0), last = to.width + std::min<std::int64_t>(right, 0);
    for (std::int64_t p = 0; p < to.planes; ++p)
        for (std::int64_t i = std::max<std::int64_t>(down, 0); i < to.height + std::min<std::int64_t>(down, 0); ++i) {
            const std::int64_t row = p * to.area() + i * to.width;
            for (std::int64_t j = first; j < last; ++j)
                to.values[static_cast<std::size_t>(row + j)] = from[static_cast<std::size_t>(row + j - down * to.width - right)];
        }
}

/// The right side becomes the left one.
template <class Real>
void mirror(Pictures<Real> pictures) {
    for (std::int64_t row = 0; row < pictures.planes * pictures.height; ++row) {
        const auto begin = pictures.values.begin() + row * pictures.width;
        std::reverse(begin, begin + pictures.width);
    }
}

/// Where the value of the pixel (i, j) comes from, in pixels: y = y0 + yi i + yj j down, x = x0 + xi i + xj j across.
struct Affine {
    double y0, yi, yj, x0, xi, xj;
};
enum class Border { zeros, nearest };

/// Between pixels values are interpolated bilinearly; beyond the border lie zeros, or what is nearest.
template <class Real>
void resample(Pictures<Real> to, std::span<const Real> from, const Affine& map, Border border) {
    const std::int64_t height = to.height, width = to.width;
    for (std::int64_t i = 0; i < height; ++i)
        for (std::int64_t j = 0; j < width; ++j) {
            const auto down = static_cast<double>(i), across = static_cast<double>(j);
            double y = map.y0 + map.yi * down + map.yj * across, x = map.x0 + map.xi * down + map.xj * across;
            if (border == Border::nearest) {
                y = std::clamp(y, 0.0, static_cast<double>(height - 1));
                x = std::clamp(x, 0.0, static_cast<double>(width - 1));
            } else {  // further out everything is as it is one pixel outside
                y = std::clamp(y, -1.0, static_cast<double>(height));
                x = std::clamp(x, -1.0, static_cast<double>(width));
            }
            // Both are at least -1: rounding what is one more towards zero is rounding down.
            const std::int64_t top = static_cast<std::int64_t>(y + 1) - 1, left = static_cast<std::int64_t>(x + 1) - 1;
            const Real fy = static_cast<Real>(y - static_cast<double>(top)), fx = static_cast<Real>(x - static_cast<double>(left));
            for (std::int64_t p = 0; p < to.planes; ++p) {
                const Real* plane = from.data() + p * to.area();
                const auto at = [&](std::int64_t r, std::int64_t c) {
                    return r < 0 || r >= height || c < 0 || c >= width ? Real{0} : plane[r * width + c];
                };
                const Real above = (1 - fx) * at(top, left) + fx * at(top, left + 1);
                const Real below = (1 - fx) * at(top + 1, left) + fx * at(top + 1, left + 1);
                to.values[static_cast<std::size_t>(p * to.area() + i * width + j)] = (1 - fy) * above + fy * below;
            }
        }
}

/// Turned about the centre, counter-clockwise as one looks at it; zeros come in at the corners.
template <class Real>
void rotate(Pictures<Real> to, std::span<const Real> from, double radians) {
    const double cy = static_cast<double>(to.height - 1) / 2, cx = static_cast<double>(to.width - 1) / 2;
    const double c = std::cos(radians), s = std::sin(radians);
    resample(to, from, {cy - c * cy - s * cx, c, s, cx + s * cy - c * cx, -s, c}, Border::zeros);
}

/// The window of share * height by share * width pixels whose corner lies `top` pixels down and `left` across, enlarged to the
/// whole.  Pixels are squares: their values lie in their centres.
template <class Real>
void crop(Pictures<Real> to, std::span<const Real> from, double share, double top, double left) {
    resample(to, from, {top + share / 2 - 0.5, share, 0, left + share / 2 - 0.5, 0, share}, Border::nearest);
}

}  // namespace dlc::data
