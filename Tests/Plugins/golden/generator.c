/* Compares the generator of rlenv_simple.h with numpy's, recorded by generator.py.   generator generator.txt */
#include "../testhost.h"
#include "rlenv_simple.h"

static double next_number(void) {
    const char *word = strtok(NULL, " \n");
    CHECK(word, "the line is too short");
    return strtod(word, NULL);
}

int main(int count, char **arguments) {
    static const uint32_t ranges[] = { 2, 6, 1000, 0x80000001u };
    static char line[1 << 16];
    unsigned seeds = 0;
    FILE *file;
    CHECK(count == 2 && (file = fopen(arguments[1], "r")) != NULL, "usage: generator generator.txt");
    while (fgets(line, sizeof line, file)) {
        rlenv_rng rng;
        int turn;
        unsigned k;
        if (line[0] == '#') continue;
        rlenv_rng_seed(&rng, strtoull(strtok(line, " "), NULL, 10));
        for (turn = 0; turn < 20; turn++) {
            CHECK(rlenv_random(&rng) == next_number(), "random of seed %s", line);
            CHECK(rlenv_uniform(&rng, -3, 7) == next_number(), "uniform of seed %s", line);
            for (k = 0; k < 4; k++)
                CHECK(rlenv_below(&rng, ranges[k]) == next_number(), "integers below %u of seed %s", ranges[k], line);
        }
        seeds++;
    }
    fclose(file);
    CHECK(seeds == 9, "%u seeds", seeds);
    printf("%u seeds give numpy's numbers\n", seeds);
    return 0;
}
