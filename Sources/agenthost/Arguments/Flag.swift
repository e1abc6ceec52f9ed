/// A flag of a command: how it is written, what it means, what holds without it.
struct Flag: Sendable {
    /// With its dashes.
    let name: String
    /// What stands for its value in the help; `nil` for a flag without one.
    let value: String?
    let meaning: String
    /// What holds without it, in words.
    let standard: String?

    init(_ name: String, _ value: String, _ meaning: String, standard: String? = nil) {
        self.name = name
        self.value = value
        self.meaning = meaning
        self.standard = standard
    }

    /// A flag without a value.
    init(_ name: String, _ meaning: String) {
        self.name = name
        value = nil
        self.meaning = meaning
        standard = nil
    }

    var spelling: String { value.map { "\(name) \($0)" } ?? name }
}

extension Flag {
    static let store = Flag(
        "--store", "DIR", "The folder of the store.", standard: "AGENTHOST_HOME, else the platform's folder for state")
    static let config = Flag("--config", "FILE", "Further drivers and the default one, as JSON.", standard: "none")
    static let json = Flag("--json", "Print JSON for programs.")
    static let help = Flag("--help", "Print this.")
}
