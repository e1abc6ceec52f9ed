import AgentModel
import HostProtocol
import Testing

/// The words of the wire are those of the model, so that each can be made from the other's raw value.
@Suite struct ModelWordTests {
    func words<Word: RawRepresentable & CaseIterable>(_: Word.Type) -> Set<String> where Word.RawValue == String {
        Set(Word.allCases.map(\.rawValue))
    }

    func wire<Word: WireWord>(_: Word.Type) -> Set<String> { Set(Word.allKnown.map(\.rawValue)) }

    @Test func theyAreTheSame() {
        #expect(words(SessionStatus.self) == wire(Wire.SessionStatus.self))
        #expect(words(SessionMode.self) == wire(Wire.SessionMode.self))
        #expect(words(Persistence.self) == wire(Wire.Persistence.self))
        #expect(words(TaskStatus.self) == wire(Wire.TaskStatus.self))
        #expect(words(StopReason.self) == wire(Wire.StopReason.self))
        #expect(words(Accuracy.self) == wire(Wire.Accuracy.self))
        #expect(words(DatabaseDialect.self) == wire(Wire.Dialect.self))
    }

    @Test func everyStoredEventIsOneOfTheModels() {
        let live = Set(Wire.EventType.liveOnly.map(\.rawValue))
        #expect(wire(Wire.EventType.self).subtracting(live).isSubset(of: words(EventType.self)))
        #expect(live.isDisjoint(with: words(EventType.self)))
    }

    @Test func theSameEventsEndATask() {
        let terminal = EventType.allCases.filter(\.isTerminal).map(\.rawValue)
        #expect(Set(terminal) == Set(Wire.EventType.terminal.map(\.rawValue)))
    }
}
