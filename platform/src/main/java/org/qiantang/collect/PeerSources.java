package org.qiantang.collect;

import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.stereotype.Service;

/**
 * Sources that are tables of a peer (对等平台): what the hub has received waits in a folder of the installation, and is collected and followed
 * out of it as any other source is.
 */
@Service
public final class PeerSources {
    /** The setting that says where it waits. */
    static final String FOLDER = "folder";

    private final Sources sources;
    private final Followings followings;

    PeerSources(Sources sources, Followings followings) {
        this.sources = sources;
        this.followings = followings;
    }

    /** A source without tables yet; what comes lands by itself. */
    public Source add(String name, String title, String departmentId, String peer, String by) {
        Source source = sources.addPeer(name, title, departmentId, peer, by);
        followings.start(source.id(), by);
        return source;
    }

    /** The one of that name, of whatever kind. */
    public Optional<Source> find(String name) {
        return sources.list().stream()
                .filter(source -> source.name().equals(name))
                .findFirst();
    }

    /** Whether it takes the tables of this peer. */
    public boolean isOf(Source source, String peer) {
        return source.kind() == SourceKind.PEER && source.location().equals(Sources.PEER + peer);
    }

    /** Where what a peer told waits for the lake. */
    public PeerSpool spool(String source) {
        return new PeerSpool(sources.spool(source));
    }

    /** Whether what comes has somewhere to go: the source is there, and nobody has stopped its following. */
    public boolean isFollowed(UUID source) {
        return followings.follower(source).isPresent();
    }

    /** Of these tables those that cannot go on until the peer tells them as a whole again. */
    public Set<String> lackingWhole(UUID source, Set<String> tables) {
        return followings.lackingWhole(source, tables);
    }
}
