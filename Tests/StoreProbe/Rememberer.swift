import AgentModel
import Foundation
import JSON
import Store
import StoreConformance
import StoreSQLite
import Synchronization

/// Remembers without end, so that the memory index is folded and merged all the time, and can kill itself where it is
/// told to: `store-probe FOLDER remember SEED [PLACE NTH]`, the NTH time that upkeep reaches PLACE.
///
/// Tells `trying KEY`, then `kept KEY WORD` with a word that no other memory has, or `forgotten KEY`. With a PLACE it
/// gives up after 3,000 memories.
final class Rememberer {
    private let host: StoreHost
    private let name: String
    private let triesMax: Int
    private var random: SeededRandom

    private static let common = ["harbour", "lantern", "meadow", "copper", "violin", "orchard", "granite", "saddle"]

    init(folder: String, arguments: [String]) throws {
        let seed = arguments.first.flatMap(UInt64.init) ?? 0
        let place = arguments.count > 2 ? arguments[1] : nil
        let nth = arguments.last.flatMap(Int.init) ?? 1
        let reached = Mutex(0)
        host = try Probe.host(folder) { options in
            options.indexLimits.fold = 4
            options.indexLimits.tailMax = 64
            options.indexLimits.fanIn = 2
            options.indexLimits.fanInMax = 3
            options.indexLimits.deadMax = 2
            guard let place else { return }
            options.upkeepReached = { now in
                guard now == place else { return }
                let count = reached.withLock { count in
                    count += 1
                    return count
                }
                if count == nth { kill(getpid(), SIGKILL) }
            }
        }
        name = "\(seed)"
        triesMax = place == nil ? .max : 3000
        random = SeededRandom(seed: seed)
    }

    func run() throws {
        var keys: [String: MemoryID] = [:]
        for number in 0..<triesMax {
            let key = "\(name) \(number % 3 == 2 ? random.below(number) : number)"
            let word = Self.word(name: name, number: number)
            let others = (0..<6).map { _ in Self.common[random.below(Self.common.count)] }
            Probe.tell("trying \(key)")
            if number % 11 == 10, let known = keys.removeValue(forKey: key) {
                try host.write(.forgetMemories([known]))
                Probe.tell("forgotten \(key)")
                continue
            }
            let draft = MemoryDraft(
                id: Probe.id(), scope: .user, namespace: "probe", key: key,
                value: .string((others + [word]).joined(separator: " ")))
            let commit = try host.write(.remember(draft))
            keys[key] = commit.memories.first?.memory.id
            Probe.tell("kept \(key) \(word)")
        }
    }

    /// A word for a number, in letters: digits would be a word of their own.
    private static func word(name: String, number: Int) -> String {
        let digits = Array("bcdfghjkmp")
        func letters(_ text: String) -> String {
            String(text.map { $0.wholeNumberValue.map { digits[$0] } ?? "x" }.flatMap { [$0, "o"] })
        }
        return "q\(letters(name))z\(letters("\(number)"))"
    }
}
