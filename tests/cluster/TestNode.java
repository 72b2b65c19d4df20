import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.opensearch.Version;
import org.opensearch.cluster.service.ClusterService;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/** A node of a cluster on this machine: TestNode NUMBER FOLDER FIRST_PORT NODES. */
public final class TestNode extends Node {
    @SuppressWarnings({"rawtypes", "unchecked"})
    private TestNode(Environment environment, Collection plugins) {
        super(environment, plugins, true);
    }

    /** What a node needs beside itself: classes until 2.19, since 3.0 under other names and described. */
    private static List<Object> plugins() throws ClassNotFoundException {
        List<Object> found = new ArrayList<>();
        boolean before = Version.CURRENT.major < 3;
        for (String name : List.of("transport.Netty4", "analysis.common.CommonAnalysis")) {
            String type = "org.opensearch." + name + (before ? "Plugin" : "ModulePlugin");
            found.add(before ? Class.forName(type) : new PluginInfo(
                type, "", "1", Version.CURRENT, "21", type, List.of(), false));
        }
        return found;
    }

    @Override
    protected void configureNodeAndClusterIdStateListener(ClusterService service) {
        // It would name the node in a log layout that is not configured here.
    }

    public static void main(String[] given) throws Exception {
        int number = Integer.parseInt(given[0]), port = Integer.parseInt(given[2]);
        List<String> names = new ArrayList<>(), addresses = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(given[3]); i++) {
            names.add("node" + i);
            addresses.add("127.0.0.1:" + (port + 50 + i));
        }
        Settings settings = Settings.builder()
            .put("cluster.name", "pilcrow-" + port)
            .put("node.name", "node" + number)
            .put("path.home", Path.of(given[1], "node" + number))
            .put("network.host", "127.0.0.1")
            .put("http.port", port + number)
            .put("transport.port", port + 50 + number)
            .put("node.processors", 1)
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .putList("discovery.seed_hosts", addresses)
            .putList("cluster.initial_cluster_manager_nodes", names)
            .build();
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings, Map.of(), null, () -> "node" + number);
        Node node = new TestNode(environment, plugins());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (java.io.IOException ignored) {
                // The process ends in any case.
            }
        }));
        node.start();
        Thread.currentThread().join();
    }
}
