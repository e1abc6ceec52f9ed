import JSON

/// Plans as clients and architects make them up.
enum Proposals {
    static func make(_ chance: Chance, isGood: Bool) -> JSON {
        if !isGood, chance.oneIn(8) {
            // Steps that wait for each other.
            return [
                "plan": [
                    "title": "Circle", "goal": "g",
                    "batches": [["steps": [["id": "a", "description": "x", "depends_on": ["a"]]]]],
                ], "reasoning": "",
            ]
        }
        return [
            "plan": ["title": "Shop", "goal": "a shop", "batches": batches(chance, stepsMax: 3)], "reasoning": "small",
        ]
    }

    static func batches(_ chance: Chance, stepsMax: Int) -> JSON {
        var earlier: [String] = []
        let batches = (0..<(1 + chance.below(3))).map { batch -> JSON in
            let steps = (0..<(1 + chance.below(stepsMax))).map { number -> JSON in
                let id = "s\(batch)\(number)"
                let needs = earlier.filter { _ in chance.oneIn(4) }
                earlier.append(id)
                return [
                    "id": .string(id), "description": .string("do \(id)"),
                    "depends_on": .array(needs.map(JSON.string)),
                ]
            }
            return ["risk": .string(chance.pick(["low", "low", "medium", "high"]) ?? "low"), "steps": .array(steps)]
        }
        return .array(batches)
    }
}
