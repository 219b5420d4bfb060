// The main function of every tool: runs the one that this program registers.
#include "cli/tool.hpp"

int main(int argc, char** argv) {
  return ir::run_tool(ir::registered<ir::tool>::all().front(), argc, argv);
}
