"use strict";
/**
 * The control plane of one switch: opens the ports, starts the data plane, and keeps the two consistent
 * while interfaces change. No frame passes through here.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.TapSwitch = void 0;
const node_events_1 = require("node:events");
const node_crypto_1 = require("node:crypto");
const accounts_1 = require("../system/accounts");
const descriptors_1 = require("../system/descriptors");
const port_spec_1 = require("../config/values/port-spec");
const schema_1 = require("../config/schema");
const static_neighbour_1 = require("../config/values/static-neighbour");
const static_station_1 = require("../config/values/static-station");
const data_plane_1 = require("../dataplane/data-plane");
const mirror_settings_1 = require("../dataplane/mirror-settings");
const mac_1 = require("../wire/mac");
const native_1 = require("../native/native");
const journal_1 = require("../journal/journal");
const lane_news_1 = require("../journal/lane-news");
const port_set_1 = require("../ports/port-set");
const port_watch_1 = require("../ports/port-watch");
const request_error_1 = require("../system/request-error");
const kinds_1 = require("../ports/kinds");
const refuse_port_1 = require("../ports/refuse-port");
const captures_1 = require("./captures");
const lane_settings_1 = require("./lane-settings");
const own_addresses_1 = require("./own-addresses");
const serial_1 = require("./serial");
const static_neighbours_1 = require("./static-neighbours");
const mirrors_1 = require("./mirrors");
const static_stations_1 = require("./static-stations");
const vlan_warnings_1 = require("./vlan-warnings");
const derived_mac_1 = require("../system/derived-mac");
const start_error_1 = require("../system/start-error");
/** Maximum number of changes under way. Each takes tens of milliseconds, so the last waits about a second. */
const CHANGES_MAX = 32;
/** Reads a table piece by piece. */
async function allOf(pieceFrom) {
    const all = [];
    let from = 0;
    while (from !== undefined) {
        const piece = await pieceFrom(from);
        all.push(...piece.rows);
        from = piece.next;
    }
    return all;
}
class TapSwitch extends node_events_1.EventEmitter {
    current;
    mac;
    ports;
    journal;
    staticNeighbours;
    staticStations;
    mirrorEntries;
    dataPlane;
    watch;
    addresses;
    captures;
    vlanWarnings;
    changes = new serial_1.Serial(CHANGES_MAX);
    constructor(current, log, thread, kinds) {
        super();
        this.current = current;
        // The addon's threads start now: later, the limit of the user or the cgroup may be reached.
        (0, native_1.native)().startThreads();
        this.journal = new journal_1.Journal(log);
        const config = current;
        this.mac = ownMac(config, log);
        this.dataPlane = new data_plane_1.DataPlane({
            mac: this.mac,
            fdbMax: config.fdbMax,
            fdbMaxPerPort: config.fdbMaxPerPort ?? Number.POSITIVE_INFINITY,
            reserved: config.reserved,
            maxPorts: port_set_1.MAX_PORTS,
            seed: (0, node_crypto_1.randomBytes)(4).readInt32LE(),
            neighbours: { maxEntries: config.neighMax },
        }, (0, lane_settings_1.laneSettings)(config), config.ioUring, thread);
        const login = config.user === undefined ? undefined : (0, accounts_1.lookUpLogin)(config.user);
        const { offload, name } = config;
        this.ports = new port_set_1.PortSet(kinds, this.dataPlane, this.journal, offload, name, login);
        this.staticNeighbours = (0, static_neighbours_1.staticNeighbours)(this.ports, this.dataPlane, this.mac);
        this.staticStations = (0, static_stations_1.staticStations)(this.ports, this.dataPlane, this.mac);
        this.mirrorEntries = (0, mirrors_1.mirrorTable)(this.ports, this.dataPlane);
        this.addresses = new own_addresses_1.OwnAddressList(this.dataPlane, config.addresses);
        this.captures = new captures_1.RunningCaptures(this.dataPlane);
        this.vlanWarnings = new vlan_warnings_1.VlanWarnings(log);
    }
    /**
     * Opens every port and starts forwarding. It resolves when each address is claimed, or found to be in
     * use by another host.
     * @param thread thread of `startThread`, if one was started ahead
     * @param kinds kinds of port
     * @throws UsageError for unknown users and groups, StartError if the system refuses. Whatever was made is
     *   removed then.
     */
    static async start(config, log, thread, kinds = kinds_1.PORT_KINDS) {
        // The checks come before the first port is opened: a persistent TAP would stay.
        for (const spec of config.ports) {
            (0, refuse_port_1.refuseUnknownValues)(kinds.kindOf(spec), (0, port_spec_1.portLabel)(spec), spec);
        }
        (0, refuse_port_1.refuseSameInterface)(kinds, config.ports);
        let started;
        try {
            started = new TapSwitch(config, log, thread, kinds);
            await started.run();
            return started;
        }
        catch (error) {
            for (const port of started?.ports.all ?? [])
                port.forgetPersistence();
            await started?.stop();
            if (error instanceof start_error_1.StartError)
                throw error;
            throw new start_error_1.StartError((0, descriptors_1.descriptorsExhausted)(error) ?? error.message);
        }
    }
    /** Configuration of the start, with all later changes but those of ports, which `ports` has. */
    get config() {
        return {
            ...this.current,
            addresses: this.addresses.all,
            neighbours: this.staticNeighbours.list(),
            stations: this.staticStations.list(),
            mirrors: (0, mirrors_1.presentMirrors)(this.ports, this.mirrorEntries.list()),
        };
    }
    /** Resolves when the counters include every frame that the ports took before the call. */
    settle() {
        return this.dataPlane.order({ kind: 'settle' });
    }
    /** Numbers of bursts by size. */
    burstSizes() {
        return this.dataPlane.burstSizes.read();
    }
    /** Starts a capture; it ends when its stream does. */
    capture(request) {
        return this.captures.start(request);
    }
    /** Present state of the switch, for `traceFrame`. */
    async tracedState() {
        const [stations, addresses, neighbours, states, leases, groups, groupContexts] = await Promise.all([
            this.stations(),
            this.ownAddresses(),
            this.neighbours(),
            this.dataPlane.order({ kind: 'port-states' }),
            allOf((from) => this.dataPlane.order({ kind: 'list-leases', from })),
            this.groups(),
            this.groupContexts(),
        ]);
        const { current } = this;
        return {
            options: { mac: this.mac, reserved: current.reserved, ...(0, lane_settings_1.laneSettings)(current) },
            ports: this.ports.all.map((port) => ({
                ...this.ports.bridgeSettings(port),
                id: port.id,
                label: port.label,
                state: states.get(port.id) ?? 'forwarding',
                ...(port.fastObstacle !== undefined && { fastObstacle: port.fastObstacle }),
            })),
            stations,
            addresses: addresses.filter((own) => own.state === 'claimed'),
            neighbours,
            leases,
            groups,
            groupContexts,
            mirrors: this.tracedMirrors(),
        };
    }
    tracedMirrors() {
        const { ports } = this;
        return this.config.mirrors.map((mirror) => (0, mirror_settings_1.mirrorSettings)((0, mirrors_1.mirrorOrder)(ports, mirror, ports.find(mirror.port))));
    }
    // Spanning tree --------------------------------------------------------------------------------
    /** State of the spanning tree; `undefined` while STP is off. */
    treeState() {
        return this.dataPlane.order({ kind: 'tree-state' });
    }
    // Stations -------------------------------------------------------------------------------------
    stations() {
        return this.dataPlane.copyFdb();
    }
    /** Numbers of dynamic stations (learned and sticky) and of static ones. */
    get stationCounts() {
        const { dynamic, static: fixed } = this.dataPlane.fdbTotals;
        return { dynamic, static: fixed };
    }
    /**
     * Places a station behind a port. The entry replaces the one that the table has of the station.
     * @throws RequestError for the switch's own MAC, and if the table is full.
     */
    addStation(station) {
        return this.staticStations.add(station);
    }
    /** @throws RequestError if there is no such entry. */
    async removeStation(mac, vlan) {
        const objection = (0, static_stations_1.hostMacObjection)(this.ports, mac);
        if (objection !== undefined)
            throw new request_error_1.RequestError('conflict', `${mac}: ${objection}`);
        const identity = (0, static_station_1.stationIdentity)({ mac, ...(vlan !== undefined && { vlan }) });
        // Without a VLAN, the station leaves each VLAN in which it was placed.
        const others = this.staticStations
            .list()
            .filter((entry) => vlan === undefined && entry.mac === mac && entry.vlan !== undefined);
        for (const entry of others)
            await this.staticStations.remove((0, static_station_1.stationIdentity)(entry));
        if ((await this.staticStations.remove(identity)) || others.length > 0)
            return;
        throw new request_error_1.RequestError('not-found', `${identity} is not in the forwarding database`);
    }
    /** Forgets the learned stations of one port and one VLAN, or of all. @returns the number of entries */
    flushStations(port, vlan) {
        const where = {
            ...(port !== undefined && { port: port.id }),
            ...(vlan !== undefined && { vlan }),
        };
        return this.dataPlane.order({ kind: 'flush-stations', ...where });
    }
    // Groups ---------------------------------------------------------------------------------------
    /** Number of groups in the table of groups, in all VLANs. */
    groupCount() {
        return this.dataPlane.order({ kind: 'count-groups' });
    }
    groups() {
        return allOf((from) => this.dataPlane.order({ kind: 'list-groups', from }));
    }
    /** Queriers and multicast routers of each VLAN and family. */
    groupContexts() {
        return this.dataPlane.order({ kind: 'list-routers' });
    }
    /** @throws RequestError that says why the entry is refused */
    async addGroup(group) {
        const refusal = await this.dataPlane.order({ kind: 'add-groups', groups: [group] });
        if (refusal !== undefined)
            throw new request_error_1.RequestError('conflict', refusal);
    }
    /** @returns whether there was such an entry */
    removeGroup(group) {
        return this.dataPlane.order({ kind: 'remove-group', group });
    }
    /** Removes each entry that matches. @returns how many */
    flushGroups(filter) {
        return this.dataPlane.order({ kind: 'flush-groups', filter });
    }
    // Mirrors --------------------------------------------------------------------------------------
    async mirrors() {
        const counts = await this.dataPlane.order({ kind: 'list-mirrors' });
        return this.mirrorEntries.list().map(({ port: to, ...mirror }) => {
            const { copies = 0, lost = 0 } = counts.find(({ name }) => name === mirror.name) ?? {};
            return { ...mirror, to, copies, lost };
        });
    }
    /**
     * Adds a mirror, or replaces the one of the same name.
     * @param mirror one that `checkMirror` has let pass
     * @throws RequestError for a port that does not exist, and for too many mirrors
     */
    addMirror(mirror) {
        return this.mirrorEntries.add(mirror);
    }
    /** @throws RequestError if there is no such mirror. */
    async removeMirror(name) {
        if (await this.mirrorEntries.remove(name))
            return;
        throw new request_error_1.RequestError('not-found', `${name} is no mirror of this switch`);
    }
    // Known hosts ----------------------------------------------------------------------------------
    async neighbours() {
        const { dataPlane } = this;
        const families = await Promise.all([4, 6].map((family) => allOf((from) => dataPlane.order({ kind: 'list-neighbours', family, from }))));
        return families.flat();
    }
    /**
     * Binds an address to a station permanently, behind one port or behind any.
     * @throws RequestError for an address of the switch, and if the table has no room for another static binding.
     */
    async addNeighbour(neighbour) {
        const { address } = neighbour;
        const objection = (0, schema_1.ownAddressObjection)(this.addresses.all, address);
        if (objection !== undefined) {
            throw new request_error_1.RequestError('conflict', `neigh: ${address}: ${objection}`);
        }
        await this.staticNeighbours.add(neighbour);
    }
    /** @throws RequestError if there is no such binding. */
    async removeNeighbour({ text: address }, vlan) {
        const identity = (0, static_neighbour_1.neighbourIdentity)({ address, ...(vlan !== undefined && { vlan }) });
        if (await this.staticNeighbours.remove(identity))
            return;
        throw new request_error_1.RequestError('not-found', `${identity} is not in the neighbour table`);
    }
    /** Forgets the learned bindings of one port, or of all. @returns the number of bindings */
    flushNeighbours(port) {
        const where = port === undefined ? {} : { port: port.id };
        return this.dataPlane.order({ kind: 'flush-neighbours', ...where });
    }
    // The switch's own addresses -------------------------------------------------------------------
    ownAddresses() {
        return this.addresses.states();
    }
    /**
     * Starts to claim the address.
     * @param leavingCount number of other addresses that the same change will remove
     * @throws RequestError if the switch has the address already, or has too many.
     */
    async addAddress(cidr, leavingCount = 0) {
        await this.addresses.add(cidr, leavingCount);
        this.warnOfVlans();
    }
    /** @throws RequestError if the switch does not have the address, or has it with another prefix length. */
    removeAddress(cidr) {
        return this.addresses.remove(cidr);
    }
    /** @throws RequestError for a port that contradicts the settings of the switch, such as its addresses */
    refusePort(port) {
        const complaint = (0, schema_1.sharedAddress)(this.addresses.all, [port]);
        if (complaint !== undefined)
            throw new request_error_1.RequestError('conflict', complaint);
        if (this.current.ageingMs > 0 || (port['macs'] ?? 'off') === 'off')
            return;
        const reason = 'counts learned stations, and this switch learns none (ageing 0)';
        throw new request_error_1.RequestError('conflict', `macs: ${reason}; leave it out`);
    }
    /** @throws RequestError if a static entry binds the address to a station */
    refuseBoundAddress({ address }) {
        const bound = this.staticNeighbours.list().find((entry) => entry.address === address);
        if (bound === undefined)
            return;
        const remedy = `remove it first: tapctl neigh del ${address}`;
        throw new request_error_1.RequestError('conflict', `address: ${address}: bound to ${bound.mac} by a static entry; ${remedy}`);
    }
    /** @throws RequestError where a port has given its interface the address */
    refuseAddressOfPort(cidr) {
        const complaint = (0, schema_1.sharedAddress)([cidr], this.ports.all.map(({ namedSpec }) => namedSpec));
        if (complaint !== undefined)
            throw new request_error_1.RequestError('conflict', complaint);
    }
    // Configuration --------------------------------------------------------------------------------
    /**
     * Replaces all static neighbours, stations and mirrors by these.
     * @throws RequestError if a port does not exist, or there are too many entries. The caller must then set
     *   the former entries again.
     */
    async setStaticEntries({ neighbours, stations, mirrors }) {
        await this.staticNeighbours.set(neighbours);
        await this.staticStations.set(stations);
        await this.mirrorEntries.set(mirrors);
    }
    /** Adds again the static entries that the data plane may have forgotten. */
    async renewStaticEntries() {
        await this.staticNeighbours.renew();
        await this.staticStations.renew();
    }
    /** Gives the lane those settings of a configuration that can change while it runs. */
    async configure(config) {
        const settings = (0, lane_settings_1.laneSettings)(config);
        await this.dataPlane.order({ kind: 'configure', settings });
        this.current = { ...this.current, ...settings };
        this.warnOfVlans();
    }
    warnOfVlans() {
        const { vlanFiltering, vlanDefaultPvid } = this.current;
        const addresses = this.addresses.all;
        this.vlanWarnings.check({ vlanFiltering, vlanDefaultPvid, addresses }, this.ports.all);
    }
    /**
     * Makes changes of ports or configuration one at a time, in the order of the requests.
     * @throws RequestError if too many changes are waiting.
     */
    change(make) {
        return this.changes.run(make);
    }
    // Life -----------------------------------------------------------------------------------------
    /** Stops forwarding and closes the ports. */
    async stop() {
        this.emit('stopping');
        this.watch?.close();
        await this.dataPlane.stop();
        this.captures.end();
        await this.ports.close();
        this.emit('stopped');
    }
    async run() {
        const { dataPlane, ports } = this;
        dataPlane.on('news', (news) => this.take(news));
        dataPlane.on('trouble', (trouble) => ports.refreshTransport(trouble));
        dataPlane.on('failed', (error) => this.emit('failed', error));
        const { ports: specs } = this.current;
        this.watch = new port_watch_1.PortWatch(ports);
        for (const spec of specs)
            ports.open(spec);
        ports.settleMtu();
        // Static entries come before the first frame, because inspection may need them.
        await this.setStaticEntries(this.current);
        await Promise.all(ports.all.map((port) => ports.plugIn(port)));
        for (const port of ports.all)
            ports.noteOrigin(port);
        this.warnOfVlans();
        this.watch.start();
        await this.addresses.claimAll();
    }
    take(news) {
        (0, lane_news_1.noteNews)(this.journal, news, (port) => this.ports.labelOf(port));
        const { event } = news;
        if (event === 'port-shut')
            this.ports.noteShut(news.port, news.mac);
        if (event === 'address-claimed' || event === 'address-conflict') {
            this.addresses.decided(news.address);
        }
    }
}
exports.TapSwitch = TapSwitch;
function ownMac(config, log) {
    const given = config.mac === undefined ? undefined : (0, mac_1.parseMac)(config.mac);
    if (given !== undefined)
        return given;
    const { id, lasts } = (0, derived_mac_1.identifyMachine)();
    if (lasts !== 'for good') {
        log.warn(`this machine has no machine-id(5): the switch's MAC stays the same only ${lasts}; ` +
            'run systemd-machine-id-setup, or give --mac');
    }
    return (0, derived_mac_1.deriveMac)(config.name, id);
}
