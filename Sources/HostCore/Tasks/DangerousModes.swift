import AgentModel
import Driver
import JSON

extension Driver {
    /// Why a session with these permissions is not to be served; `nil` when nothing speaks against it.
    /// - Parameter allowed: by driver, the dangerous modes that the user's configuration allows.
    func refusal(of permissions: JSONObject, allowed: [String: Set<String>]) -> String? {
        guard let mode = permissions["driver_mode"]?.stringValue, isDangerous(mode: mode),
            allowed[name]?.contains(mode) != true
        else { return nil }
        return "With \(mode), \(name) would act without asking anybody. To let sessions ask for that, put "
            + "\"driver_modes\": {\"\(name)\": [\"\(mode)\"]} into your own configuration."
    }
}
