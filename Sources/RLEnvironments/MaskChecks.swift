internal import RLCore

/// The checks of action masks: entries are 0 or 1, and every component leaves a choice.
struct MaskChecks {
  /// Entries of each masked component, in order.
  private let components: [Int]
  let length: Int

  init(_ space: ActionSpace) {
    components = space.choices.filter(\.isMasked).map(\.count)
    length = space.maskLength
  }

  /// What is wrong with a lane's mask, if anything.
  func fault(_ mask: UnsafePointer<UInt8>) -> String? {
    var offset = 0
    for (index, count) in components.enumerated() {
      var seen: UInt8 = 0
      for k in offset..<offset + count { seen |= unsafe mask[k] }
      if seen == 0 {
        return "the mask forbids all \(count) values of component \(index): allow one, or set "
          + "RLENV_TERMINATED"
      }
      if seen > 1 {
        return "the mask of component \(index) has an entry that is neither 0 nor 1: correct it"
      }
      offset += count
    }
    return nil
  }
}
