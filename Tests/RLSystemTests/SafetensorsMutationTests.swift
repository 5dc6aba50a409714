import Glibc
import RLSystem
import Testing

/// SplitMix64 (Steele, Lea & Flood 2014): the same mutations in every run.
private struct Mutations {
  var state: UInt64

  mutating func below(_ count: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var x = state
    x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
    x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((x ^ (x >> 31)).multipliedFullWidth(by: UInt64(count)).high)
  }

  /// One to four bytes changed, removed, doubled or replaced by bytes that mean something.
  mutating func apply(to bytes: inout [UInt8]) {
    let marks = Array("{}[],:\"\\0123456789 ".utf8) + [0, 0x80, 0xFF]
    for _ in 0...below(4) where !bytes.isEmpty {
      let place = below(bytes.count)
      switch below(6) {
      case 0: bytes[place] = UInt8(below(256))
      case 1: bytes[place] ^= 1 << below(8)
      case 2: bytes[place] = marks[below(marks.count)]
      case 3: bytes.remove(at: place)
      case 4: bytes.insert(marks[below(marks.count)], at: place)
      default: bytes.removeSubrange(place..<min(place + below(40), bytes.count))
      }
    }
  }
}

@Suite struct SafetensorsMutationTests {
  @Test func twentyThousandMutationsNeverCrashNorTakeMoreThanTheFile() async {
    await #expect(processExitsWith: .success) {
      // what a hostile size asks for cannot be had: an allocation of it would end the process
      var limit = rlimit(rlim_cur: 1 << 28, rlim_max: 1 << 28)
      unsafe setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
      let original = try FileReader.bytes(of: golden("mixed.safetensors"), limit: 1 << 16)
      var mutations = Mutations(state: 1)
      var refused = 0
      for _ in 0..<20_000 {
        var bytes = original
        mutations.apply(to: &bytes)
        do throws(SafetensorsError) {
          let read = try Safetensors(bytes, file: "mutated")
          let taken = read.tensors.reduce(0) { $0 + $1.bytes.count }
          precondition(taken <= bytes.count, "more data than the file has")
          let again = try Safetensors(read.encoded(), file: "again")
          precondition(again.tensors.count == read.tensors.count, "what was read is not kept")
        } catch {
          refused += 1
        }
      }
      precondition(refused > 10_000, "the mutations hardly damage the file: \(refused)")
    }
  }
}
