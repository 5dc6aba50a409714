public import RLCore
import RLWrappers

extension PolicyFile {
  /// Refuses contents that contradict each other.
  func check(file: String) throws(PolicyFileError) {
    func refuse(_ reason: String) -> PolicyFileError { PolicyFileError(file: file, reason: reason) }
    for (name, space) in [("observation", observation), ("action", action)] {
      do { try checkSpace(space) } catch { throw refuse("\(name) space: \(error.reason)") }
    }
    guard seed < 1 << 53 else { throw refuse("seed \(seed) is not below 2^53") }
    let rows = selfTest.count
    guard rows >= SelfTest.leastRows else {
      throw refuse("its self-test has \(rows) rows; at least \(SelfTest.leastRows) are needed")
    }
    let rowBytes = RowLayout(observation).rowBytes
    guard selfTest.observations.count == rows * rowBytes else {
      throw refuse("its self-test's observations are not \(rows) rows of \(rowBytes) bytes")
    }
    if let name = leafWithForeignValue(selfTest.observations, 0..<rows, in: observation) {
      throw refuse("an observation of its self-test is outside its space, in leaf \"\(name)\"")
    }
    guard !selfTest.outputs.isEmpty, selfTest.outputs.count.isMultiple(of: rows) else {
      throw refuse("its self-test's outputs do not make \(rows) rows")
    }
    guard selfTest.outputs.allSatisfy(\.isFinite) else {
      throw refuse("an output of its self-test is not finite")
    }
    _ = try frozenWrappers(file: file)
    guard !tensors.isEmpty else { throw refuse("it has no weights") }
    for tensor in tensors where !tensor.values.allSatisfy(\.isFinite) {
      throw refuse("tensor \"\(tensor.name)\" holds a number that is not finite")
    }
  }

  /// Refuses an environment whose spaces are not those that the policy was trained with.
  ///
  /// - Throws: `PolicyFileError` that prints both.
  public func check(_ spec: EnvironmentSpec, file: String) throws(PolicyFileError) {
    let pairs = [
      ("observation", observation, spec.observation), ("action", action, spec.action.space),
    ]
    for (name, own, other) in pairs where own != other {
      // what people read leaves out details: when it is equal, show everything
      let isTold = own.description != other.description
      let (mine, theirs) =
        isTold
        ? (own.description, other.description) : (canonicalJSON(own), canonicalJSON(other))
      throw PolicyFileError(
        file: file,
        reason: "was trained on \(environmentID) with the \(name) space \(mine); "
          + "\(spec.id) has \(theirs); choose the environment it was trained on")
    }
  }

  /// Recomputes the outputs of the self-test with the rebuilt policy.
  ///
  /// - Parameters:
  ///   - policy: rebuilt from `export`.
  ///   - numerics: the contract of this host's arithmetic. When it is the file's, every bit must
  ///     be equal; otherwise the difference may be 1e-5 of the largest stored output.
  ///   - file: the file's name, for the error.
  /// - Throws: `PolicyFileError` that names the first row that differs, and by how much.
  public func verify(
    _ policy: inout some Policy, numerics: String, file: String
  ) throws(PolicyFileError) {
    let stored = selfTest.outputs
    let rows = try frozenWrappers(file: file).show(selfTest.observations, count: selfTest.count)
    let computed = policy.outputs(for: rows, count: selfTest.count)
    guard computed.count == stored.count else {
      throw PolicyFileError(
        file: file,
        reason: "its network gives \(computed.count / selfTest.count) outputs for an observation, "
          + "and gave \(stored.count / selfTest.count) when it was saved")
    }
    let scale = stored.reduce(0) { max($0, abs($1)) }
    let tolerance = numerics == self.numerics ? 0 : 1e-5 * scale
    let first = stored.indices.first { index in
      stored[index].bitPattern != computed[index].bitPattern
        && !(tolerance > 0 && abs(stored[index] - computed[index]) <= tolerance)
    }
    guard let first else { return }
    let width = stored.count / selfTest.count
    throw PolicyFileError(
      file: file,
      reason: "self-test row \(first / width), output \(first % width): computed "
        + "\(computed[first]), stored \(stored[first]), difference "
        + "\(abs(computed[first] - stored[first])); the policy would not act as it was trained: "
        + "it was saved with numerics \(self.numerics) and this host has \(numerics)")
  }
}
