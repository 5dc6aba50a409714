import Glibc

/// The machine's memory.
public enum Memory {
  /// Bytes of physical memory.
  public static var physicalBytes: Int {
    Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
