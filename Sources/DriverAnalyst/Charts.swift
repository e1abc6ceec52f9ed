/// Charts as SVG of their own, without scripts or outside fonts.
enum Charts {
    private static let width = 880.0
    private static let height = 440.0
    private static let left = 84.0
    private static let right = 24.0
    private static let top = 60.0
    private static let bottom = 78.0
    private static let color = "#2563a8"

    struct Point: Sendable {
        let label: String
        let value: Double
        /// Whether the period is not covered whole: drawn hollow.
        let isPartial: Bool
    }

    /// A line over periods of time.
    static func line(title: String, subtitle: String, xTitle: String, yTitle: String, _ points: [Point]) -> String {
        let scale = AxisScale(points.map(\.value))
        let plotWidth = width - left - right
        func x(_ index: Int) -> Double {
            left + (points.count < 2 ? 0.5 : Double(index) / Double(points.count - 1)) * plotWidth
        }
        var svg = opening(title, subtitle) + yAxis(scale, yTitle)
        let every = max(1, (points.count + 11) / 12)
        for (index, point) in points.enumerated() where index % every == 0 {
            svg +=
                "<line x1=\"\(n(x(index)))\" y1=\"\(n(height - bottom))\" x2=\"\(n(x(index)))\" "
                + "y2=\"\(n(height - bottom + 5))\" stroke=\"#888\"/>\n"
            svg += text(x(index), height - bottom + 20, point.label, anchor: "middle", size: 12)
        }
        svg += text(left + plotWidth / 2, height - bottom + 46, xTitle, anchor: "middle", size: 13)
        for index in points.indices.dropFirst() {
            let dashed = points[index].isPartial || points[index - 1].isPartial ? " stroke-dasharray=\"5 4\"" : ""
            svg +=
                "<line x1=\"\(n(x(index - 1)))\" y1=\"\(n(y(scale, points[index - 1].value)))\" x2=\"\(n(x(index)))\" "
                + "y2=\"\(n(y(scale, points[index].value)))\" stroke=\"\(color)\" stroke-width=\"2\"\(dashed)/>\n"
        }
        let radius = points.count > 60 ? 2.0 : 3.5
        for (index, point) in points.enumerated() {
            svg +=
                "<circle cx=\"\(n(x(index)))\" cy=\"\(n(y(scale, point.value)))\" r=\"\(n(radius))\" "
                + "fill=\"\(point.isPartial ? "#fff" : color)\" "
                + "stroke=\"\(color)\"><title>\(escaped(point.label)): "
                + "\(NumberText.plain(point.value))</title></circle>\n"
        }
        return svg + "</svg>\n"
    }

    /// Horizontal bars, in the order given.
    static func bars(title: String, subtitle: String, xTitle: String, _ points: [Point]) -> String {
        let scale = AxisScale(points.map(\.value) + [0])
        let labelWidth = 210.0
        let barHeight = 22.0
        let chartHeight = top + Double(points.count) * barHeight + bottom
        let plotWidth = width - labelWidth - right - 70
        func x(_ value: Double) -> Double { labelWidth + scale.share(value) * plotWidth }
        var svg = opening(title, subtitle, chartHeight)
        for tick in scale.ticks {
            svg +=
                "<line x1=\"\(n(x(tick)))\" y1=\"\(n(top))\" x2=\"\(n(x(tick)))\" y2=\"\(n(chartHeight - bottom))\" "
                + "stroke=\"#ddd\"/>\n"
            svg += text(x(tick), chartHeight - bottom + 18, scale.label(tick), anchor: "middle", size: 12)
        }
        svg += text(labelWidth + plotWidth / 2, chartHeight - bottom + 44, xTitle, anchor: "middle", size: 13)
        let decimals = NumberText.decimals(for: points.map(\.value))
        for (index, point) in points.enumerated() {
            let y = top + Double(index) * barHeight
            let from = min(x(0), x(point.value))
            svg +=
                "<rect x=\"\(n(from))\" y=\"\(n(y + 3))\" width=\"\(n(abs(x(point.value) - x(0))))\" "
                + "height=\"\(n(barHeight - 6))\" fill=\"\(color)\"/>\n"
            svg += text(labelWidth - 8, y + 16, shortened(point.label, 30), anchor: "end", size: 12)
            svg += text(
                max(x(0), x(point.value)) + 6, y + 16, NumberText.grouped(point.value, decimals: decimals),
                anchor: "start", size: 11)
        }
        return svg + "</svg>\n"
    }

    private static func opening(_ title: String, _ subtitle: String, _ height: Double = height) -> String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="\(n(width))" height="\(n(height))" \
        viewBox="0 0 \(n(width)) \(n(height))" \
        font-family="Helvetica, Arial, sans-serif" role="img" aria-label="\(escaped(title))">
        <rect width="100%" height="100%" fill="#fff"/>

        """ + text(24, 28, shortened(title, 80), anchor: "start", size: 18, isBold: true)
            + text(24, 47, shortened(subtitle, 120), anchor: "start", size: 12)
    }

    private static func yAxis(_ scale: AxisScale, _ title: String) -> String {
        var svg = ""
        for tick in scale.ticks {
            svg +=
                "<line x1=\"\(n(left))\" y1=\"\(n(y(scale, tick)))\" x2=\"\(n(width - right))\" "
                + "y2=\"\(n(y(scale, tick)))\" stroke=\"\(tick == 0 ? "#888" : "#ddd")\"/>\n"
            svg += text(left - 8, y(scale, tick) + 4, scale.label(tick), anchor: "end", size: 12)
        }
        svg +=
            "<line x1=\"\(n(left))\" y1=\"\(n(top))\" x2=\"\(n(left))\" y2=\"\(n(height - bottom))\" "
            + "stroke=\"#888\"/>\n"
        let middle = (top + height - bottom) / 2
        return svg
            + "<text x=\"22\" y=\"\(n(middle))\" font-size=\"13\" fill=\"#333\" text-anchor=\"middle\" "
            + "transform=\"rotate(-90 22 \(n(middle)))\">\(escaped(shortened(title, 50)))</text>\n"
    }

    private static func y(_ scale: AxisScale, _ value: Double) -> Double {
        height - bottom - scale.share(value) * (height - top - bottom)
    }

    private static func text(
        _ x: Double, _ y: Double, _ content: String, anchor: String, size: Int, isBold: Bool = false
    ) -> String {
        let weight = isBold ? " font-weight=\"bold\"" : ""
        return
            "<text x=\"\(n(x))\" y=\"\(n(y))\" font-size=\"\(size)\" fill=\"#333\" "
            + "text-anchor=\"\(anchor)\"\(weight)>\(escaped(content))</text>\n"
    }

    private static func n(_ value: Double) -> String {
        let fixed = NumberText.fixed(value, decimals: 1)
        return fixed.hasSuffix(".0") ? String(fixed.dropLast(2)) : fixed
    }

    private static func shortened(_ text: String, _ max: Int) -> String {
        text.count > max ? text.prefix(max - 1) + "…" : text
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\u{0}"..."\u{8}", "\u{B}"..."\u{1F}": continue
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
