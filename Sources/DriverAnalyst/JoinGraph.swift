/// Which tables belong together, and by which columns. An edge leads from the many to the one.
struct JoinGraph: Sendable {
    struct Edge: Hashable, Sendable {
        let from: Int
        let fromColumns: [Int]
        let to: Int
        let toColumns: [Int]
        let isDeclared: Bool
    }

    /// One edge as it is walked; `isFanOut` when from the one to the many, so that rows multiply.
    struct Step: Hashable, Sendable {
        let edge: Edge
        let isFanOut: Bool

        var source: Int { isFanOut ? edge.to : edge.from }
        var target: Int { isFanOut ? edge.from : edge.to }
    }

    struct Path: Hashable, Sendable {
        var steps: [Step] = []
        var cost = 0.0

        var fansOut: Bool { steps.contains(where: \.isFanOut) }
    }

    var edges: [Edge]
    /// Whether the many side has the edge's columns in its own key: what relates two things, rather than happens to
    /// them.
    private let relates: [Bool]
    /// Added for each word of a key's name beyond the table it leads to; less when the question says that word.
    private let surcharges: [Double]

    init(edges: [Edge], catalog: Catalog, spoken: Set<String> = []) {
        self.edges = edges
        relates = edges.map { edge in
            let key = catalog.tables[edge.from].key
            return key.count > 1 && edge.fromColumns.allSatisfy { key.contains($0) }
        }
        surcharges = edges.map { edge in
            let target = Set(catalog.tables[edge.to].words.map(Lexicon.stem))
            let words = edge.fromColumns.flatMap { catalog.tables[edge.from].columns[$0].words }
            let extra = words.filter { !Lexicon.keyWords.contains($0) && !target.contains(Lexicon.stem($0)) }
            let said = extra.contains { spoken.contains(Lexicon.stem($0)) }
            return (edge.isDeclared ? 0 : 0.2) + (said ? -0.3 : 0.05 * Double(extra.count))
        }
    }

    /// The cheapest ways from a table to every other: each step to the one costs 1, to the many 3
    /// (a little less where the many side is a relation). Equal costs are
    /// decided by the order of the edges, so that the same schema always gives the same joins.
    func paths(from root: Int, tableCount: Int) -> [Path?] {
        var best = [Path?](repeating: nil, count: tableCount)
        var isDone = [Bool](repeating: false, count: tableCount)
        guard best.indices.contains(root) else { return best }
        best[root] = Path()
        while let current = best.indices.filter({ !isDone[$0] && best[$0] != nil })
            .min(by: { ((best[$0]?.cost ?? 0), $0) < ((best[$1]?.cost ?? 0), $1) })
        {
            isDone[current] = true
            guard let path = best[current] else { break }
            for (index, edge) in edges.enumerated() where edge.from != edge.to {
                let step: Step
                if edge.from == current {
                    step = Step(edge: edge, isFanOut: false)
                } else if edge.to == current {
                    step = Step(edge: edge, isFanOut: true)
                } else {
                    continue
                }
                let cost = path.cost + (!step.isFanOut ? 1 : relates[index] ? 2.7 : 3) + surcharges[index]
                if let known = best[step.target], known.cost <= cost + 1e-9 { continue }
                best[step.target] = Path(steps: path.steps + [step], cost: cost)
            }
        }
        return best
    }
}
