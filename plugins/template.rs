//! template.rs - an environment in Rust, without crates.
//!
//!     rustc --edition 2021 -O --crate-type cdylib plugins/template.rs -o plugins/template-rs.so
//!
//! A diver should reach the bottom, five metres down, and come back up with what lies there. `Dive` is the
//! environment; what surrounds it restates the part of include/rlenv.h that it needs, field by field.
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;

// ---- the environment

const DEPTH: i32 = 5;

#[derive(Clone, Default)]
struct Dive {
    random: u64,
    depth: i32,
    loaded: bool,
    current: bool,
}

impl Dive {
    /// SplitMix64 (Steele, Lea and Flood 2014).
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E3779B97F4A7C15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58476D1CE4E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D049BB133111EB);
        z ^ (z >> 31)
    }

    fn reset(&mut self, seed: Option<u64>) {
        self.random = seed.unwrap_or(self.random);
        self.depth = 0;
        self.loaded = false;
        self.current = self.draw() % 4 == 0;
    }

    /// Action 1 goes down, 0 goes up; a current reverses it. The answer is the reward and whether it is over.
    fn step(&mut self, action: i32) -> (f64, bool) {
        let down = (action == 1) != self.current;
        self.depth = (self.depth + if down { 1 } else { -1 }).clamp(0, DEPTH);
        self.loaded |= self.depth == DEPTH;
        self.current = self.draw() % 4 == 0;
        let home = self.loaded && self.depth == 0;
        (if home { 1.0 } else { 0.0 }, home)
    }

    fn observe(&self, row: &mut [f32]) {
        row[0] = self.depth as f32 / DEPTH as f32;
        row[1] = self.loaded as i32 as f32;
        row[2] = self.current as i32 as f32;
    }
}

// ---- the calls; no panic may leave them

const OK: i32 = 0;
const E_INTERNAL: i32 = -9;
const TERMINATED: u8 = 1;

fn guarded(error: *mut Error, body: impl FnOnce()) -> i32 {
    if catch_unwind(AssertUnwindSafe(body)).is_ok() {
        return OK;
    }
    for (k, byte) in b"the plugin has panicked\0".iter().enumerate() {
        unsafe { (*error).message[k] = *byte as c_char };
    }
    E_INTERNAL
}

unsafe fn row<T>(rows: *const Rows, lane: usize, count: usize) -> &'static mut [T] {
    let start = ((*rows).data as *mut u8).add(lane * (*rows).stride);
    std::slice::from_raw_parts_mut(start as *mut T, count)
}

unsafe fn lanes(batch: &Batch) -> impl Iterator<Item = usize> + '_ {
    (0..batch.count as usize).map(move |k| if batch.lanes.is_null() { k } else { *batch.lanes.add(k) as usize })
}

unsafe extern "C" fn create(
    _host: *const c_void, _env: *const Env, _options: *const c_void, lanes: u32, out: *mut *mut Vec<Dive>,
    error: *mut Error,
) -> i32 {
    guarded(error, || *out = Box::into_raw(Box::new(vec![Dive::default(); lanes as usize])))
}

unsafe extern "C" fn destroy(instance: *mut Vec<Dive>) {
    drop(Box::from_raw(instance));
}

unsafe extern "C" fn reset(instance: *mut Vec<Dive>, batch: *const Batch, error: *mut Error) -> i32 {
    guarded(error, || {
        let (divers, batch) = (&mut *instance, &*batch);
        for lane in lanes(batch) {
            let seed = if batch.seeds.is_null() { None } else { Some(*batch.seeds.add(lane)) };
            divers[lane].reset(seed);
            divers[lane].observe(row(batch.obs, lane, 3));
        }
    })
}

unsafe extern "C" fn step(instance: *mut Vec<Dive>, batch: *const Batch, error: *mut Error) -> i32 {
    guarded(error, || {
        let (divers, batch) = (&mut *instance, &*batch);
        for lane in lanes(batch) {
            let action: &[i32] = row(batch.act, lane, 1);
            let (reward, over) = divers[lane].step(action[0]);
            *batch.reward.add(lane) = reward;
            *batch.flags.add(lane) = if over { TERMINATED } else { 0 };
            divers[lane].observe(row(batch.obs, lane, 3));
        }
    })
}

// ---- the tables of include/rlenv.h, version 1.0

#[repr(C)]
pub struct Error { lane: i32, message: [c_char; 252] }

#[repr(C)]
pub struct Rows { data: *mut c_void, stride: usize }

#[repr(C)]
pub struct Batch {
    size: u32, count: u32, lanes: *const u32, act: *const Rows, obs: *const Rows, reward: *mut f64, flags: *mut u8,
    mask: *mut u8, metrics: *mut f64, seeds: *const u64, options: *const c_void,
}

#[repr(C)]
pub struct List { data: *const c_void, count: u32, stride: u32 }

const fn list<T>(elements: &'static [T]) -> List {
    let stride = std::mem::size_of::<T>() as u32;
    List { data: elements.as_ptr() as *const c_void, count: elements.len() as u32, stride }
}

#[repr(C)]
pub struct Leaf {
    name: *const c_char, kind: i32, dtype: i32, flags: u32, ndim: u32, shape: [i64; 6], low: f64, high: f64,
    lows: *const f64, highs: *const f64, n: i64, start: i64, nvec: *const i64, starts: *const i64,
    labels: *const c_void, doc: *const c_char,
}

#[repr(C)]
pub struct Env {
    id: *const c_char, doc: *const c_char, flags: u32, max_episode_steps: u32, reward_threshold: f64, reward_min: f64,
    reward_max: f64, options: List, obs: List, act: List, metrics: List, agents: u32, needs: u32,
    create: unsafe extern "C" fn(*const c_void, *const Env, *const c_void, u32, *mut *mut Vec<Dive>, *mut Error) -> i32,
    destroy: unsafe extern "C" fn(*mut Vec<Dive>),
    reset: unsafe extern "C" fn(*mut Vec<Dive>, *const Batch, *mut Error) -> i32,
    step: unsafe extern "C" fn(*mut Vec<Dive>, *const Batch, *mut Error) -> i32,
    absent: [usize; 7], // describe, snapshot_size, save, load, reseed, render, extension
}

#[repr(C)]
pub struct Plugin {
    magic: u32, abi_major: u16, abi_minor: u16, size: u32, needs: u32, id: *const c_char, version: *const c_char,
    license: *const c_char, author: *const c_char, url: *const c_char, doc: *const c_char, envs: List,
    absent: [usize; 3], // init, deinit, find
}

// The tables never change; their pointers lead to constants.
unsafe impl Sync for Leaf {}
unsafe impl Sync for Env {}
unsafe impl Sync for Plugin {}

const BOX: i32 = 1;
const DISCRETE: i32 = 2;
const F32: i32 = 1;
const I32: i32 = 8;
const LEAF: Leaf = Leaf {
    name: text(b"\0"), kind: BOX, dtype: F32, flags: 0, ndim: 0, shape: [0; 6], low: 0.0, high: 0.0,
    lows: ptr::null(), highs: ptr::null(), n: 0, start: 0, nvec: ptr::null(), starts: ptr::null(),
    labels: ptr::null(), doc: ptr::null(),
};

const fn text(bytes: &'static [u8]) -> *const c_char {
    bytes.as_ptr() as *const c_char
}

static OBSERVATION: [Leaf; 1] =
    [Leaf { ndim: 1, shape: [3, 0, 0, 0, 0, 0], high: 1.0, doc: text(b"depth, loaded, current\0"), ..LEAF }];
static ACTION: [Leaf; 1] = [Leaf { kind: DISCRETE, dtype: I32, n: 2, doc: text(b"0 up, 1 down\0"), ..LEAF }];
static ENVIRONMENTS: [Env; 1] = [Env {
    id: text(b"Dive-v0\0"), doc: text(b"Fetch something from the bottom.\0"), flags: 0, max_episode_steps: 100,
    reward_threshold: f64::NAN, reward_min: 0.0, reward_max: 1.0, options: list::<Leaf>(&[]), obs: list(&OBSERVATION),
    act: list(&ACTION), metrics: list::<Leaf>(&[]), agents: 0, needs: 0, create, destroy, reset, step, absent: [0; 7],
}];

#[no_mangle]
#[allow(non_upper_case_globals)]
pub static rlenv_plugin: Plugin = Plugin {
    magic: 0x56454C52, abi_major: 1, abi_minor: 0, size: std::mem::size_of::<Plugin>() as u32, needs: 0,
    id: text(b"org.example.dive\0"), version: text(b"0.1.0\0"), license: ptr::null(), author: ptr::null(),
    url: ptr::null(), doc: text(b"A dive\0"), envs: list(&ENVIRONMENTS), absent: [0; 3],
};
