import Store

/// Everything that other threads can wake the host with.
enum HostEvent: Sendable {
    case store(StoreEvent)
    case child(Children.Report)
    case file(FileThread.Report)
    case http(HTTPThread.Report)
}

/// What a descriptor that the loop waits for belongs to.
enum Source: Hashable {
    case mailbox
    case signals
    case clientInput
    case clientOutput
    case child(ChildID, Children.Pipe)
}
