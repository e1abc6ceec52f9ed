/// Questions that this database could answer, for a reader whose question it could not.
struct Suggestions {
    let questions: [String]

    init(_ catalog: Catalog, _ edges: [JoinGraph.Edge]) {
        let graph = JoinGraph(edges: edges, catalog: catalog)
        let resolver = MetricResolver(catalog: catalog, graph: graph)
        var questions: [String] = []
        let named = catalog.tables.indices.filter {
            !catalog.tables[$0].label.isEmpty && catalog.tables[$0].rowCount > 1
        }
        if let formula = resolver.formula(.revenue) {
            questions.append("Analyze revenue trends")
            let paths = graph.paths(from: formula.root, tableCount: catalog.tables.count)
            if let table = named.first(where: { paths[$0].map { !$0.fansOut && !$0.steps.isEmpty } ?? false }) {
                questions.append("top 5 \(catalog.tables[table].noun) by revenue")
            }
        }
        let counted = edges.filter { $0.from != $0.to && !catalog.tables[$0.to].label.isEmpty }
            .max { (catalog.tables[$0.from].rowCount, $1.to) < (catalog.tables[$1.from].rowCount, $0.to) }
        if let edge = counted {
            questions.append("how many \(catalog.tables[edge.from].noun) per \(catalog.tables[edge.to].noun)")
        }
        for reference in catalog.columns where catalog[reference].role == .measure {
            guard
                let category = catalog.tables[reference.table].columns.first(where: {
                    $0.role == .category && $0.statistics.distinct <= 30
                })
            else {
                continue
            }
            questions.append(
                "average \(catalog[reference].words.joined(separator: " ")) by \(category.words.joined(separator: " "))"
            )
            break
        }
        questions.append("profile the database")
        self.questions = questions
    }
}
