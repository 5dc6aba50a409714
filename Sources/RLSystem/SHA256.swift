import CCrypto
import Glibc

/// SHA-256 (FIPS 180-4), by OpenSSL.
public struct SHA256: ~Copyable {
  private var context = SHA256_CTX()

  /// The digest of nothing, so far.
  public init() { unsafe SHA256_Init(&context) }

  /// Adds bytes to what is digested.
  public mutating func update(_ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { unsafe update($0) }
  }

  private mutating func update(_ bytes: UnsafeRawBufferPointer) {
    unsafe SHA256_Update(&context, bytes.baseAddress, bytes.count)
  }

  /// The digest as 64 lower-case hexadecimal digits.
  public consuming func hex() -> String {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    unsafe SHA256_Final(&digest, &context)
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The digest of `bytes` as 64 hexadecimal digits.
  public static func hex(of bytes: [UInt8]) -> String {
    var digest = SHA256()
    digest.update(bytes)
    return digest.hex()
  }

  /// The digest of a regular file as 64 hexadecimal digits, read in pieces of 1 MiB.
  ///
  /// - Throws: `FileError` when the file is missing, special or cannot be read.
  public static func hex(ofFile path: String) throws(FileError) -> String {
    var size = 0
    let file = try Descriptor.openRegular(path, size: &size)
    var digest = SHA256()
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe piece.withUnsafeMutableBytes { unsafe file.read(into: $0) }
      guard let count else { throw .system(.cannotWrite, path: path, action: "read") }
      unsafe piece.withUnsafeBytes {
        unsafe digest.update(UnsafeRawBufferPointer(rebasing: $0[..<count]))
      }
      if count < piece.count { return digest.hex() }
    }
  }
}
