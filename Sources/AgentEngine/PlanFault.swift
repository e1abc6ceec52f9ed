package import AgentModel

/// What makes a plan one that cannot be executed.
package struct PlanFault: Error, Hashable, Sendable {
    /// Within the plan, as `batches[1].steps[0].depends_on[2]`.
    package var path: String
    /// With the names of the steps that it is about.
    package var message: String

    package init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    /// The first fault of the batches, if any: a step's id must be unique, and it may depend on steps of its own batch
    /// and of earlier ones, without a circle.
    package static func first(in batches: [PlanBatch]) -> PlanFault? {
        var homes: [String: Int] = [:]
        for (index, batch) in batches.enumerated() {
            if batch.steps.isEmpty {
                return PlanFault(path: "batches[\(index)].steps", message: "the batch has no step")
            }
            for (place, step) in batch.steps.enumerated() where homes.updateValue(index, forKey: step.id) != nil {
                return PlanFault(
                    path: "batches[\(index)].steps[\(place)].id", message: "there are two steps \"\(step.id)\"")
            }
        }
        return unknownDependency(in: batches, homes) ?? circle(in: batches)
    }

    private static func unknownDependency(in batches: [PlanBatch], _ homes: [String: Int]) -> PlanFault? {
        for (index, batch) in batches.enumerated() {
            for (place, step) in batch.steps.enumerated() {
                for (number, dependency) in step.dependsOn.enumerated() {
                    let path = "batches[\(index)].steps[\(place)].depends_on[\(number)]"
                    guard let home = homes[dependency] else {
                        return PlanFault(
                            path: path, message: "\"\(step.id)\" depends on \"\(dependency)\", which is no step")
                    }
                    if home > index {
                        return PlanFault(
                            path: path,
                            message: "\"\(step.id)\" depends on \"\(dependency)\", which is in a later batch")
                    }
                }
            }
        }
        return nil
    }

    /// What is left once every step has been taken out whose dependencies are out depends on itself.
    private static func circle(in batches: [PlanBatch]) -> PlanFault? {
        for (index, batch) in batches.enumerated() {
            let own = Set(batch.steps.map(\.id))
            var waiting = Dictionary(batch.steps.map { ($0.id, Set($0.dependsOn).intersection(own)) }) { first, _ in
                first
            }
            var free = waiting.filter { $0.value.isEmpty }.map(\.key)
            let dependents = Self.dependents(in: batch)
            while let id = free.popLast() {
                waiting[id] = nil
                for dependent in dependents[id] ?? [] {
                    waiting[dependent]?.remove(id)
                    if waiting[dependent]?.isEmpty == true { free.append(dependent) }
                }
            }
            guard let start = waiting.keys.min() else { continue }
            let names = walk(from: start, waiting).map { "\"\($0)\"" }.joined(separator: " -> ")
            return PlanFault(path: "batches[\(index)].steps", message: "the steps depend on each other: \(names)")
        }
        return nil
    }

    private static func dependents(in batch: PlanBatch) -> [String: [String]] {
        var dependents: [String: [String]] = [:]
        for step in batch.steps {
            for dependency in Set(step.dependsOn) { dependents[dependency, default: []].append(step.id) }
        }
        return dependents
    }

    /// Along dependencies until a step comes again; from there on it is the circle.
    private static func walk(from start: String, _ waiting: [String: Set<String>]) -> [String] {
        var path = [start]
        while let next = waiting[path[path.count - 1]]?.min() {
            if let first = path.firstIndex(of: next) { return path[first...] + [next] }
            path.append(next)
        }
        return path
    }
}
