import RLKernels
import Testing

/// Which kernels are run, and what is said about it.
@Suite struct KernelSetTests {
  @Test func portableIsAlwaysThereAndNeverLibxsmm() throws {
    let portable = try #require(KernelSet.choice(for: "portable"))
    #expect(portable != .xsmm)
    #expect(portable.isAvailable)
  }

  @Test func theDefaultIsTheFirstThatCanBeRun() {
    #expect(KernelSet.choice(for: "") == KernelSet.allCases.first(where: \.isAvailable))
  }

  @Test func aSetIsChosenByItsNameOnly() {
    #expect(KernelSet.choice(for: "narrow") == .narrow)
    #expect(KernelSet.choice(for: "fastest") == nil)
  }

  @Test func theKernelsInUseAreDescribed() throws {
    try KernelSupport.requireSupported()
    #expect(KernelSupport.description.contains("("))
  }
}
