import AgentModel
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00.000Z", 0), ("1969-12-31T23:59:59.999Z", -1),
            ("2000-02-29T12:00:00.000Z", 951_825_600_000),
            ("2024-02-29T00:00:00.001Z", 1_709_164_800_001), ("1900-03-01T00:00:00.000Z", -2_203_891_200_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999), ("0001-01-01T00:00:00.000Z", -62_135_596_800_000),
        ] as [(String, Int64)])
    func isWrittenAndRead(text: String, milliseconds: Int64) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text) == Timestamp(milliseconds: milliseconds))
    }

    @Test func everyDayOfFourHundredYearsComesBack() {
        for day in stride(from: Int64(-73_000), to: 73_000, by: 1) {
            let date = Timestamp.civil(daysSince1970: day)
            #expect(Timestamp.days(year: date.year, month: date.month, day: date.day) == day)
            let moment = Timestamp(milliseconds: day * 86_400_000 + 12_345_678)
            #expect(Timestamp(moment.description) == moment)
        }
    }

    @Test(arguments: ["2026-01-31T00:00:00Z", "2026-01-31T00:00:00.1Z", "2026-01-31T00:00:00.12Z"])
    func fractionsMayBeShort(text: String) { #expect(Timestamp(text)?.day == "2026-01-31") }

    @Test(arguments: [
        "", "Z", "now", "2026-01-31", "2026-01-31T00:00:00", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234Z", "2026-01-01T00:00:00.12xZ", "+026-01-01T00:00:00Z",
        "2026-01-01T00:00:00+01", "２０２６-01-01T00:00:00Z", "-001-01-01T00:00:00Z",
    ])
    func garbageIsNoMoment(text: String) { #expect(Timestamp(text) == nil) }

    @Test func theEdgesOfTimeDoNotTrap() {
        for edge in [Int64.min, .min + 1, -1, .max - 1, .max] {
            let moment = Timestamp(milliseconds: edge)
            #expect(!moment.description.isEmpty)
            #expect(!moment.day.isEmpty)
            #expect(moment.adding(milliseconds: .max) >= moment)
            #expect(moment.adding(milliseconds: .min) <= moment)
        }
    }
}

@Suite struct IdentifierTests {
    @Test func aUUIDHasItsTimeVersionAndVariant() {
        let uuid = UUID128(milliseconds: 0x0192_f0c1_7a2b, randomA: .max, randomB: .max)
        #expect(uuid.description == "0192f0c1-7a2b-7fff-bfff-ffffffffffff")
        #expect(
            UUID128(milliseconds: 0x0192_f0c1_7a2b, randomA: 0, randomB: 0).description
                == "0192f0c1-7a2b-7000-8000-000000000000")
    }

    @Test func theOrderIsThatOfTime() {
        let early = UUID128(milliseconds: 1, randomA: .max, randomB: .max)
        let late = UUID128(milliseconds: 2, randomA: 0, randomB: 0)
        #expect(early < late)
        #expect(early.description < late.description)
    }

    @Test func isReadInEitherCase() {
        let text = "0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d0061"
        #expect(UUID128(text)?.description == text)
        #expect(UUID128(text.uppercased())?.description == text)
        #expect(SessionID("sess_" + text)?.description == "sess_" + text)
        #expect(SessionID("sess_" + text)?.short == "7c8d0061")
    }

    @Test(arguments: [
        "", "0192f0c1", "0192f0c17a2b7c3d8e4f5a6b7c8d0061", "0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d006",
        "0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d00611", "0192f0c1-7a2b-7c3d-8e4f_5a6b7c8d0061",
        "g192f0c1-7a2b-7c3d-8e4f-5a6b7c8d0061", "0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d0061\n",
    ])
    func anythingElseIsNoId(text: String) {
        #expect(UUID128(text) == nil)
        #expect(SessionID("sess_" + text) == nil)
    }

    @Test func aKindIsNotAnother() {
        let text = "0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d0061"
        #expect(SessionID("task_" + text) == nil)
        #expect(SessionID(text) == nil)
        #expect(SessionID("SESS_" + text) == nil)
    }
}

@Suite struct UsageTests {
    @Test(arguments: [(0.0, 0), (0.000000001, 1), (0.1, 100_000_000), (1.25, 1_250_000_000), (0.0000000004, 0)])
    func moneyIsExact(dollars: Double, nano: Int64) { #expect(Cost(dollars: dollars)?.nanoDollars == nano) }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e10, -1e300]) func moneyFitsOrIsNone(dollars: Double) {
        #expect(Cost(dollars: dollars) == nil)
    }

    @Test func aMillionTenthsOfACentAreAThousandDollars() {
        var sum = Cost(nanoDollars: 0)
        for _ in 0..<1_000_000 { sum = sum + Cost(nanoDollars: 1_000_000) }
        #expect(sum.dollars == 1000)
    }

    @Test func absurdFiguresStayAtTheirLimit() {
        var usage = Usage.none
        usage.inputTokens = .max
        usage.outputTokens = .max
        usage.cost = Cost(nanoDollars: .max)
        let more = usage
        usage.add(more)
        #expect(usage.inputTokens == .max)
        #expect(usage.tokens == .max)
        #expect(usage.cost?.nanoDollars == .max)
        usage.inputTokens = .min
        usage.outputTokens = .min
        #expect(usage.tokens == .min)
    }

    @Test func theWorsePartDecidesTheAccuracy() {
        var known = Usage.none
        known.inputTokens = 1
        known.accuracy = .known
        var estimated = known
        estimated.accuracy = .estimated
        var sum = known
        sum.add(.none)
        #expect(sum == known)
        sum.add(estimated)
        #expect(sum.accuracy == .estimated)
        #expect(sum.inputTokens == 2)
        var empty = Usage.none
        empty.add(known)
        #expect(empty == known)
    }
}

@Suite struct SessionMoveTests {
    /// The documented table, with `-` for a refusal.
    static let table = """
        acceptTask: active running - - - active
        startTask: running - - - - running
        endTask: - active paused completed failed -
        pause: paused paused paused - - paused
        resume: active running active active active active
        complete: completed - completed completed - completed
        expire: expired - expired - - expired
        """
    static let statuses: [SessionStatus] = [.active, .running, .paused, .completed, .failed, .expired]

    @Test(arguments: table.split(separator: "\n")) func isAsDocumented(row: Substring) throws {
        let parts = row.split(separator: ":")
        let move = try #require(SessionMove(rawValue: String(parts[0])))
        let expected = parts[1].split(separator: " ").map { SessionStatus(rawValue: String($0)) }
        let found = Self.statuses.map { move.next(from: $0, hasRunningTask: $0 == .running) }
        #expect(found == expected)
    }

    @Test func aPausedSessionWithARunningTaskGoesBackToIt() {
        #expect(SessionMove.resume.next(from: .paused, hasRunningTask: true) == .running)
        #expect(SessionMove.complete.next(from: .paused, hasRunningTask: true) == nil)
        #expect(SessionMove.expire.next(from: .paused, hasRunningTask: true) == nil)
    }
}
