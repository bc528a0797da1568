/// What `#selector` makes. With it the sample is type-checked; nothing runs with it.
public struct Selector {
    public init(_ name: String) {}
}
