/* Drives bridge.c as a host would.   bridge_test BRIDGE.so */
#include "../testhost.h"

int main(int count, char **arguments) {
    rlenv_error error = { -1, "" };
    const rlenv_plugin_v1 *plugin;
    const rlenv_env *small, *large;
    const rlenv_leaf *map;
    uint64_t seeds[2] = { 3, 4 };
    World w;
    int moves;
    CHECK(count == 2, "usage: bridge_test BRIDGE.so");
    plugin = host_load(arguments[1]);
    CHECK(plugin->init(&the_host, &error) == RLENV_OK, "a second host may call init");
    plugin->deinit();
    CHECK(plugin->envs.count == 0 && plugin->envs.stride >= RLENV_SIZE_1_0_ENV, "envs");
    CHECK(plugin->find("other/nothing-v0", &error) == NULL && !error.message[0], "an unknown id is no error");
    CHECK(plugin->find("other/grid-3x4-v0 ", &error) == NULL, "an id with something behind it");
    CHECK(plugin->find("other/grid-3x400-v0", &error) == NULL && strstr(error.message, "100x100"), "find says why");
    small = plugin->find("other/grid-3x4-v0", &error);
    large = plugin->find("other/grid-9x5-v0", &error);
    CHECK(small && large && small != large && small == plugin->find("other/grid-3x4-v0", &error), "find");
    CHECK(small->obs.count == 0 && small->act.count == 0, "the spaces are not in the table");
    w = world_open(small, host_values(small, ""), 2);
    CHECK(w.about.obs.count == 2 && w.about.act.count == 1 && w.about.max_episode_steps == 70, "describe");
    map = (const rlenv_leaf *)rlenv_at(&w.about.obs, 0);
    CHECK(map->ndim == 2 && map->shape[0] == 3 && map->shape[1] == 4, "the map is 3 x 4");
    world_reset(&w, NULL, 2, seeds);
    for (moves = 0; !(w.flags[0] & RLENV_TERMINATED); moves++) { /* right to the wall, then down */
        CHECK(moves < 10, "the goal is not reached");
        *(int32_t *)rlenv_row(&w.act[0], 0) = moves < 3 ? 3 : 1;
        *(int32_t *)rlenv_row(&w.act[0], 1) = 2;
        world_step(&w, NULL, 2);
    }
    CHECK(((uint8_t *)w.obs[0].data)[11] == 1 && *(double *)w.obs[1].data == 0, "the final observation is the goal");
    world_close(&w);
    plugin->deinit();
    printf("the bridge holds\n");
    return 0;
}
