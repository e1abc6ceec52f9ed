import JSON

/// What is known of the records of a session that is being imported, so that showing it need not look at them again.
struct ImportProgress: Hashable {
    /// Tasks whose first event has come; each comes once, as the log's numbers rise.
    var begun = 0
    /// Tasks whose terminal event has come; a task has one.
    var ended = 0
    /// The last event that a checkpoint covers.
    var covered = 0
    /// Memories with earlier versions whose current one has not come yet.
    var versioned = 0
    /// The last memory that is to be found in another's place.
    var lastReplaced = 0
    /// The last memory that was looked at for that, once all had come.
    var settled = 0

    var isSettled: Bool { settled >= lastReplaced }

    /// - Parameter json: as it was kept; `nil` at the beginning.
    init(_ json: JSONObject?) {
        func count(_ name: String) -> Int { json?[name]?.intValue ?? 0 }
        begun = count("begun")
        ended = count("ended")
        covered = count("covered")
        versioned = count("versioned")
        lastReplaced = count("last_replaced")
        settled = count("settled")
    }

    var json: JSONObject {
        [
            "begun": .int(Int64(begun)), "ended": .int(Int64(ended)), "covered": .int(Int64(covered)),
            "versioned": .int(Int64(versioned)), "last_replaced": .int(Int64(lastReplaced)),
            "settled": .int(Int64(settled)),
        ]
    }
}
