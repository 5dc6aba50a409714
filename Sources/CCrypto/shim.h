// SHA256_Init and its siblings instead of EVP: linked statically they weigh 20 kB, EVP brings 3.8 MB
// of other algorithms along. OpenSSL 3 calls them deprecated; FIPS 180-4 does not change.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
