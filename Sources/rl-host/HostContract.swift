/// What a policy file says about the host that wrote it.
enum HostContract {
  /// How observation rows become a network's inputs.
  static let encoder = "cast, one-hot, images by 255"

  /// The arithmetic: products and reductions in one order of fused multiply-adds, the same bits for
  /// every kernel set, thread count and CPU.
  static let numerics = "fma-order-1"
}
