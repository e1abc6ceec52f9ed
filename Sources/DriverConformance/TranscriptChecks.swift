import AgentModel
import Driver
import JSON

extension DriverCheck {
    /// How a process may end: in peace, by itself in error, killed.
    private static let statuses = [0, 1, -9]

    static func capabilities(_ subject: DriverSubject) throws(ConformanceFailure) {
        var run = try subject.startedRun()
        try run.handle(.output(subject.transcript))
        let outcome = try run.end(status: subject.exitStatus)
        guard outcome.stopReason == .endTurn else {
            throw ConformanceFailure("a good run ended with \(outcome.stopReason): \(outcome.error?.message ?? "")")
        }
        try subject.driver.capabilities.check(run.events, outcome)
    }

    static func chunking(_ subject: DriverSubject) throws(ConformanceFailure) {
        let bytes = subject.transcript
        let whole = try effects(subject, chunks: [bytes])
        var random = SeededRandom(seed: 1)
        var chunkings = [1, 2, 3, 7, 64, 1000].map { size in { bytes.chunks { size } } }
        for _ in 0..<8 { chunkings.append { bytes.chunks { 1 + random.below(90) } } }
        for (index, chunks) in chunkings.enumerated() {
            let others = try effects(subject, chunks: chunks())
            if let place = whole.firstDifference(from: others) {
                throw ConformanceFailure("chunking \(index): effect \(place) differs")
            }
        }
    }

    static func keyOrder(_ subject: DriverSubject) throws(ConformanceFailure) {
        let original = try effects(subject, chunks: subject.lines)
        let reordered = try effects(subject, chunks: subject.lines.map(\.withKeysReversed))
        if let place = original.firstDifference(from: reordered) {
            throw ConformanceFailure("effect \(place) differs")
        }
    }

    static func mutations(_ subject: DriverSubject) throws(ConformanceFailure) {
        let lines = subject.lines
        for index in lines.indices {
            let line = lines[index]
            let half = Array(line.prefix(line.count / 2))
            let mutations: [(String, [[UInt8]])] = [
                ("lost", [[]]), ("repeated", [line, line]), ("cut off", [half, [10]]), ("run together", [half]),
                ("emptied", [[10]]), ("with zero bytes", [half, [0, 0xff, 10]]),
            ]
            for (name, replacement) in mutations {
                let chunks = lines[..<index] + replacement + lines[(index + 1)...]
                try everyEnd(subject, Array(chunks), "line \(index) \(name)")
            }
            try everyEnd(subject, lines[..<index] + [half], "torn in line \(index)")
        }
    }

    static func shuffles(_ subject: DriverSubject) throws(ConformanceFailure) {
        var random = SeededRandom(seed: 2)
        for round in 0..<20 {
            var lines = subject.lines
            for index in lines.indices { lines.swapAt(index, random.below(lines.count)) }
            try everyEnd(subject, lines, "shuffle \(round)")
        }
    }

    static func ends(_ subject: DriverSubject) throws(ConformanceFailure) {
        for count in 0...subject.lines.count {
            try everyEnd(subject, Array(subject.lines.prefix(count)), "after \(count) lines")
        }
    }

    static func cancels(_ subject: DriverSubject) throws(ConformanceFailure) {
        var early = subject.makeRun()
        try early.handle(.cancel)
        guard early.outcome?.stopReason == .cancelled, !early.effects.contains(where: \.isSpawn) else {
            throw ConformanceFailure("cancelled before its start, a run must finish and spawn nothing")
        }
        let lines = subject.lines
        for count in 0...lines.count {
            for goesOn in [false, true] {
                var run = try subject.startedRun()
                for line in lines.prefix(count) { try run.handle(.output(line)) }
                let wasOver = run.outcome != nil
                try run.handle(.cancel)
                try run.handle(.cancel)
                if goesOn { for line in lines.dropFirst(count) { try run.handle(.output(line)) } }
                let outcome = try run.end(status: -15)
                if !wasOver, !goesOn, outcome.stopReason != .cancelled {
                    throw ConformanceFailure("cancelled after \(count) lines, it ended with \(outcome.stopReason)")
                }
            }
        }
    }

    static func spawnFailure(_ subject: DriverSubject) throws(ConformanceFailure) {
        var run = subject.makeRun()
        try run.handle(.start)
        try run.handle(.spawnFailed("no such file"))
        guard let error = run.outcome?.error, error.reason == "driver_unavailable", error.code == 1006 else {
            throw ConformanceFailure("expected driver_unavailable, not \(run.outcome?.error?.reason ?? "no error")")
        }
        try run.handle(.exited(1))
    }

    static func strayAnswers(_ subject: DriverSubject) throws(ConformanceFailure) {
        let stray = DriverInput.answer(askID: "nobody asked", optionID: "yes")
        var run = subject.makeRun()
        try run.handle(stray)
        try run.start()
        for line in subject.lines {
            guard try run.handle(stray).isEmpty else { throw ConformanceFailure("it has an effect") }
            try run.handle(.output(line))
        }
        try run.end(status: subject.exitStatus)
    }

    private static func everyEnd(
        _ subject: DriverSubject, _ chunks: [[UInt8]], _ place: String
    ) throws(ConformanceFailure) {
        for status in statuses {
            do {
                var run = try subject.startedRun()
                for chunk in chunks { try run.handle(.output(chunk)) }
                try run.end(status: status)
            } catch {
                throw error.seen("\(place), exit \(status)")
            }
        }
    }

    /// The effects of a whole run, brought into a form that does not depend on how its text was streamed.
    private static func effects(
        _ subject: DriverSubject, chunks: [[UInt8]]
    ) throws(ConformanceFailure) -> [DriverEffect] {
        var run = try subject.startedRun()
        for chunk in chunks { try run.handle(.output(chunk)) }
        try run.end(status: subject.exitStatus)
        return run.effects.withDeltasJoined
    }
}
