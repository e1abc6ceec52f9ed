import AgentModel
import CSystem
import HostCore
import HostProtocol
import JSON
import StoreSQLite

/// `memory.recall` without a host: a question to the user's own memories needs none, and starting one takes longer than
/// the answer.
enum StoreLook {
    /// As a host would answer; `nil` where it takes one to answer, or to say what is wrong.
    static func answer(
        _ params: JSONObject, _ arguments: Arguments, _ invocation: Invocation
    ) throws(CommandLineError) -> JSON? {
        guard !MemoryPlace.isNamed(arguments), let params = try? Wire.MemoryRecallParams.decode(.object(params)).params
        else { return nil }
        let locations = try Locations(store: arguments["--store"], environment: invocation.environment)
        let loaded = try LoadedConfiguration(
            named: arguments["--config"], environment: invocation.environment,
            workingDirectory: locations.workingDirectory)
        // A question with a meaning has to be given its vector first.
        guard loaded.configuration.embeddings == nil else { return nil }
        let now = Timestamp(milliseconds: cs_wall_ms())
        let found = try? StoreGlance(folder: locations.store).read { reader in
            try params.answer(from: reader, at: now, clock: cs_monotonic_ms)
        }
        guard let found else { return nil }
        if let advice = loaded.advice { Terminal.note(advice) }
        return found.json
    }
}
