import RLSystem
import Testing

@Suite struct SHA256Tests {
  // FIPS 180-2, appendix B, and the digest of nothing; the text is repeated so many times
  @Test(arguments: [
    ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "a", 1_000_000,
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func equalsThePublishedDigests(text: String, times: Int, digest: String) {
    #expect(SHA256.hex(of: Array(String(repeating: text, count: times).utf8)) == digest)
  }

  @Test(arguments: [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 2 << 20])
  func aFileHasTheDigestOfItsBytes(size: Int) throws {
    let folder = TemporaryFolder()
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 17) }
    try AtomicFile.write(bytes, to: folder.path + "/f")
    #expect(try SHA256.hex(ofFile: folder.path + "/f") == SHA256.hex(of: bytes))
  }

  @Test func refusesWhatIsNotAFile() {
    #expect(throws: FileError.self) { try SHA256.hex(ofFile: "/dev/zero") }
    #expect(throws: FileError.self) { try SHA256.hex(ofFile: "/tmp") }
  }
}
