/// Does whole layers on tensors that it owns; layers and losses never touch activations themselves.
///
/// "accumulate" in a gradient operation means: add to the target instead of overwriting it.
public protocol Backend: AnyObject {
}
